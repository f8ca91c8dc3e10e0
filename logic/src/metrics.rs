//! Every metric of this program, by name. Counters are summed per batch or carrier, never per message.

use std::time::Duration;

use im_shared::wire::Code;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

/// Tells the exporter what each metric means; once, at the start.
pub fn describe() {
    describe_histogram!("im_logic_batch_rows", "Rows of a committed batch");
    describe_histogram!(
        "im_logic_commit_seconds",
        "Time of a commit, retries and bisection included"
    );
    describe_counter!(
        "im_logic_commit_retries_total",
        "Commits that were repeated after a deadlock"
    );
    describe_counter!(
        "im_logic_connections_given_up_total",
        "Connections of lanes that failed during a commit"
    );
    describe_counter!("im_logic_carriers_in_total", "Carriers taken from the bus");
    describe_counter!("im_logic_frames_in_total", "Frames of those carriers");
    describe_counter!(
        "im_logic_malformed_total",
        "Payloads and frames that could not be read"
    );
    describe_counter!(
        "im_logic_full_total",
        "Requests that were refused because a queue was full, by queue"
    );
    describe_counter!("im_logic_refusals_total", "Requests that failed, by code");
    describe_counter!("im_logic_messages_total", "Messages by what became of them");
    describe_counter!(
        "im_logic_changes_total",
        "Edits, recalls and reactions, by kind and by what became of them"
    );
    describe_counter!(
        "im_logic_group_changes_total",
        "Group commands that changed something, by command"
    );
    describe_counter!("im_logic_deliveries_total", "Deliveries published");
    describe_counter!(
        "im_logic_members_loaded_total",
        "Look-ups of the members of a group: whole, or only what changed"
    );
    describe_counter!(
        "im_logic_members_missing_total",
        "Pushes to groups whose members could not be looked up"
    );
    describe_counter!(
        "im_logic_rated_alone_total",
        "Messages to the world chat whose rate only this worker knew, for want of Redis"
    );
    describe_histogram!(
        "im_logic_carrier_deliveries",
        "Deliveries of a published carrier"
    );
    describe_counter!(
        "im_logic_not_published_total",
        "Carriers and replies that were dropped, by reason"
    );
    describe_counter!(
        "im_logic_dead_locations_total",
        "Sessions of dead nodes that were left out of a fan-out"
    );
    describe_counter!(
        "im_logic_located_blind_total",
        "Fan-outs that went to every node because Redis did not answer"
    );
    describe_histogram!("im_logic_position_rows", "Positions moved in one statement");
    describe_histogram!("im_logic_read_seconds", "Time of a sync or history request");
    describe_counter!(
        "im_logic_pushes_total",
        "Offline pushes by channel and outcome"
    );
    describe_counter!(
        "im_logic_push_dead_total",
        "Offline pushes that were given up, by channel"
    );
    describe_gauge!("im_logic_side_tasks", "Tasks off the message path, by kind");
}

#[allow(clippy::cast_precision_loss)]
fn number(value: usize) -> f64 {
    value as f64
}

pub(crate) fn committed(rows: usize, took: Duration) {
    histogram!("im_logic_batch_rows").record(number(rows));
    histogram!("im_logic_commit_seconds").record(took);
}

pub(crate) fn commit_retried(attempt: usize) {
    tracing::debug!(attempt, "a commit is repeated");
    counter!("im_logic_commit_retries_total").increment(1);
}

pub(crate) fn connection_given_up() {
    counter!("im_logic_connections_given_up_total").increment(1);
}

pub(crate) fn carrier_in(frames: usize) {
    counter!("im_logic_carriers_in_total").increment(1);
    counter!("im_logic_frames_in_total").increment(frames as u64);
}

pub(crate) fn malformed() {
    counter!("im_logic_malformed_total").increment(1);
}

/// `queue`: lane, reads, positions, presence.
pub(crate) fn full(queue: &'static str) {
    counter!("im_logic_full_total", "queue" => queue).increment(1);
}

pub(crate) fn refused(code: Code) {
    counter!("im_logic_refusals_total", "code" => code.name()).increment(1);
}

/// Messages of one batch.
pub(crate) fn messages(acknowledged: u64, refused: u64) {
    counter!("im_logic_messages_total", "fate" => "acknowledged").increment(acknowledged);
    if refused > 0 {
        counter!("im_logic_messages_total", "fate" => "refused").increment(refused);
    }
}

/// `kind`: edit, recall, reaction. `fate`: stored, already, refused.
pub(crate) fn changed(kind: &'static str, fate: &'static str) {
    counter!("im_logic_changes_total", "kind" => kind, "fate" => fate).increment(1);
}

pub(crate) fn carrier(deliveries: usize) {
    counter!("im_logic_deliveries_total").increment(deliveries as u64);
    histogram!("im_logic_carrier_deliveries").record(number(deliveries));
}

/// `command`: group_create and so on.
pub(crate) fn group_changed(command: &'static str) {
    counter!("im_logic_group_changes_total", "command" => command).increment(1);
}

/// `reason`: full, failed, stopped, presence.
pub(crate) fn not_published(reason: &'static str) {
    counter!("im_logic_not_published_total", "reason" => reason).increment(1);
}

pub(crate) fn dead_locations(count: u64) {
    if count > 0 {
        counter!("im_logic_dead_locations_total").increment(count);
    }
}

pub(crate) fn located_blind() {
    counter!("im_logic_located_blind_total").increment(1);
}

pub(crate) fn rated_alone() {
    counter!("im_logic_rated_alone_total").increment(1);
}

/// `how`: whole, changed.
pub(crate) fn members_loaded(how: &'static str) {
    counter!("im_logic_members_loaded_total", "how" => how).increment(1);
}

pub(crate) fn members_missing() {
    counter!("im_logic_members_missing_total").increment(1);
}

pub(crate) fn positions(rows: usize) {
    histogram!("im_logic_position_rows").record(number(rows));
}

/// `fate` of a carrier for a large group: done, again, lost.
pub(crate) fn task(fate: &'static str) {
    counter!("im_logic_tasks_total", "fate" => fate).increment(1);
}

/// One push to a large group: the users that were looked for.
pub(crate) fn group_pushed(users: usize, took: Duration) {
    histogram!("im_logic_group_push_users").record(number(users));
    histogram!("im_logic_group_push_seconds").record(took);
}

pub(crate) fn roster_filled() {
    counter!("im_logic_rosters_filled_total").increment(1);
}

/// Entries of one round of the full text.
pub(crate) fn indexed(entries: usize, took: Duration) {
    counter!("im_logic_indexed_total").increment(entries as u64);
    histogram!("im_logic_index_seconds").record(took);
}

/// `outcome`: sent, gone, failed.
pub(crate) fn pushed(channel: &'static str, outcome: &'static str, count: usize) {
    counter!("im_logic_pushes_total", "channel" => channel, "outcome" => outcome)
        .increment(count as u64);
}

pub(crate) fn push_dead(channel: &'static str) {
    counter!("im_logic_push_dead_total", "channel" => channel).increment(1);
}

/// `kind`: reads, resolves, events.
pub(crate) fn under_way(kind: &'static str, count: usize) {
    gauge!("im_logic_side_tasks", "kind" => kind).set(number(count));
}

pub(crate) fn read_took(took: Duration) {
    histogram!("im_logic_read_seconds").record(took);
}
