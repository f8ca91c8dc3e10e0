//! CPU time and memory of server processes, from `/proc`.

use std::collections::BTreeMap;
use std::fs;
use std::str::FromStr;

use anyhow::Context as _;
use serde_json::{Value, json};

/// Clock ticks per second in `/proc`; fixed in the kernel's interface (proc(5), USER_HZ).
const TICKS: f64 = 100.0;

/// A process with the name that reports use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedProcess {
    pub(crate) name: String,
    pub(crate) pid: u32,
}

impl FromStr for NamedProcess {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, pid) = text.split_once('=').ok_or("NAME=PID is wanted")?;
        let pid = pid
            .parse()
            .map_err(|_| format!("{pid:?} is no process id"))?;
        Ok(Self {
            name: name.to_owned(),
            pid,
        })
    }
}

/// Of one line of `/proc/PID/stat`: the parent, and the ticks of the process and of its children that have ended.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    ticks: u64,
}

impl Stat {
    fn parse(line: &str) -> Option<Self> {
        // The name in parentheses may hold anything, blanks and parentheses included.
        let fields: Vec<&str> = line
            .get(line.rfind(')')? + 1..)?
            .split_whitespace()
            .collect();
        let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
        // After the name: state, ppid, ... utime, stime, cutime, cstime are 14 to 17 of proc(5).
        let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
        Some(Self {
            parent: u32::try_from(number(1)?).ok()?,
            ticks,
        })
    }

    fn read(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }
}

/// CPU seconds of a process, of its children, and of those that have ended: a PostgreSQL server is its postmaster and one
/// process per connection.
fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let own = Stat::read(pid)
        .with_context(|| format!("no process {pid}"))?
        .ticks;
    let mut ticks = own;
    for entry in fs::read_dir("/proc")?.flatten() {
        let child = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        if let Some(stat) = child.and_then(Stat::read).filter(|stat| stat.parent == pid) {
            ticks += stat.ticks;
        }
    }
    #[allow(clippy::cast_precision_loss)] // Far below 2^52 ticks.
    Ok(ticks as f64 / TICKS)
}

/// Resident memory in KiB.
pub(crate) fn resident_kib(pid: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))
        .with_context(|| format!("no process {pid}"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// CPU times at one moment.
pub(crate) struct Cpu(BTreeMap<String, f64>);

impl Cpu {
    /// Now. Processes of the same name are added up.
    pub(crate) fn read(processes: &[NamedProcess]) -> anyhow::Result<Self> {
        let mut seconds = BTreeMap::new();
        for process in processes {
            *seconds.entry(process.name.clone()).or_default() += cpu_seconds(process.pid)?;
        }
        Ok(Self(seconds))
    }

    /// Microseconds per operation since `before`: of each process, and of all; null without processes.
    pub(crate) fn micros_per(&self, before: &Self, operations: u64) -> (Value, Value) {
        if self.0.is_empty() || operations == 0 {
            return (Value::Null, Value::Null);
        }
        #[allow(clippy::cast_precision_loss)]
        let per = |seconds: f64| round(seconds * 1e6 / operations as f64);
        let used = self.0.iter().map(|(name, after)| {
            (
                name,
                after - before.0.get(name).copied().unwrap_or_default(),
            )
        });
        let used: Vec<(&String, f64)> = used.collect();
        let total = per(used.iter().map(|(_, seconds)| seconds).sum());
        let each = used
            .into_iter()
            .map(|(name, seconds)| (name.clone(), json!(per(seconds))))
            .collect();
        (json!(total), Value::Object(each))
    }
}

/// To two decimals.
pub(crate) fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_stat_line_is_read_behind_its_name() {
        let line = "42 (a) b (c) S 7 42 42 0 -1 4194560 1 2 0 0 10 20 3 4 20 0 1 0 5 0 0";
        assert_eq!(
            Stat::parse(line),
            Some(Stat {
                parent: 7,
                ticks: 37
            })
        );
        assert_eq!(Stat::parse("nonsense"), None);
    }

    #[test]
    fn this_process_uses_time_and_memory() {
        assert!(cpu_seconds(std::process::id()).is_ok());
        assert!(resident_kib(std::process::id()).unwrap() > 0);
        assert!(cpu_seconds(u32::MAX).is_err());
    }

    #[test]
    fn a_named_process_is_name_and_id() {
        assert_eq!(
            "access-1=42".parse(),
            Ok(NamedProcess {
                name: "access-1".to_owned(),
                pid: 42
            })
        );
        assert!("42".parse::<NamedProcess>().is_err());
        assert!("a=b".parse::<NamedProcess>().is_err());
    }
}
