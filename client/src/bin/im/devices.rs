//! Where one is signed in.

use im_client::api::SignedInDevice;

use crate::cli::DevicesCommand;
use crate::context::Context;
use crate::error::Error;
use crate::show::{Show, column, plain};

pub(crate) async fn run(context: &Context, command: Option<DevicesCommand>) -> Result<(), Error> {
    let me = context.me().await?;
    match command.unwrap_or(DevicesCommand::List) {
        DevicesCommand::List => {
            for device in me.api.devices().await? {
                print(&context.show, &device);
            }
        }
        DevicesCommand::LogOut { id } => {
            me.api.sign_device_out(id).await?;
            println!("Logged out.");
        }
        DevicesCommand::LogOutOthers => {
            let count = me.api.sign_others_out().await?;
            println!("Logged out: {count}.");
        }
    }
    Ok(())
}

fn print(show: &Show, device: &SignedInDevice) {
    let name = [&device.name, &device.user_agent, &device.device_id]
        .into_iter()
        .find(|name| !name.is_empty());
    let state = match (device.current, device.online) {
        (true, _) => "this one",
        (false, true) => "online",
        (false, false) => "",
    };
    println!(
        "{:<19}  {}  {}  {}  {}  {state}",
        device.id,
        column(&plain(&device.platform), 8),
        show.time(device.last_seen_at),
        column(&plain(name.map_or("", String::as_str)), 24),
        column(&plain(&device.address), 15),
    );
}
