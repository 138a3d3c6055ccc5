//! The layers put on each other: which value counts, and every mistake in any of them.
//!
//! Apart from the readers because they know nothing of each other. Invariant: a value that is covered by another one is
//! checked all the same.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::keys::{KEYS, Key, Reader};
use super::{Config, DATA_DEFAULT, Mistake, Origin, Setting, Written, check, file};

/// How the name of a variable begins.
const PREFIX: &str = "DESKBELL_";
/// The variable that names the file.
const FILE_VARIABLE: &str = "DESKBELL_CONFIG";
/// The name of the file in the data directory.
const FILE_NAME: &str = "deskbell.toml";
/// The file of the whole machine.
const SYSTEM_FILE: &str = "/etc/deskbell/deskbell.toml";
/// How alike two names must be for one to be a slip of the other (Jaro-Winkler, 0 to 1).
const LIKENESS_MIN: f64 = 0.8;

/// All places that set something.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// What the command line sets: key, flag, value.
    pub flags: Vec<(&'static str, &'static str, Written)>,
    /// The file that the command line names.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: BTreeMap<OsString, OsString>,
    /// The file of the whole machine.
    pub system_file: PathBuf,
}

impl Sources {
    /// Those of this process, without flags.
    #[must_use]
    pub fn of_process(file: Option<PathBuf>) -> Self {
        Self { flags: Vec::new(), file, environment: std::env::vars_os().collect(), system_file: SYSTEM_FILE.into() }
    }

    fn variable(&self, name: &str) -> Option<&OsString> {
        self.environment.get(std::ffi::OsStr::new(name)).filter(|value| !value.is_empty())
    }

    /// The file that is read, if there is one: the named one, that of the data directory, that of the machine.
    fn chosen_file(&self) -> Option<PathBuf> {
        if let Some(named) = self.file.clone().or_else(|| self.variable(FILE_VARIABLE).map(PathBuf::from)) {
            return Some(named);
        }
        let flag = self.flags.iter().find_map(|(name, _, value)| {
            let Written::Text(text) = value else { return None };
            (*name == "data").then(|| PathBuf::from(text))
        });
        let data = flag.or_else(|| self.variable("DESKBELL_DATA").map(PathBuf::from));
        let data = data.or_else(|| self.variable("STATE_DIRECTORY").map(PathBuf::from));
        let own = data.unwrap_or_else(|| PathBuf::from(DATA_DEFAULT)).join(FILE_NAME);
        // One that cannot be looked at is read all the same, so that the reason is told.
        let there = |path: &Path| !matches!(path.try_exists(), Ok(false));
        if there(&own) { Some(own) } else { Some(self.system_file.clone()).filter(|path| path.exists()) }
    }
}

/// What came of all the places.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What counts; a key with a mistake has its default.
    pub config: Config,
    /// Every key, in the order of the table.
    pub settings: Vec<Setting>,
    /// All that is wrong; nothing may be done while there is something.
    pub mistakes: Vec<Mistake>,
    /// The file that was read.
    pub file: Option<PathBuf>,
}

/// One value of one layer.
pub(super) struct Layered {
    pub(super) name: &'static str,
    pub(super) written: Written,
    pub(super) origin: Origin,
}

/// Reads every place.
#[must_use]
pub fn load(sources: &Sources) -> Loaded {
    let mut layers: Vec<Layered> = Vec::new();
    let mut mistakes = Vec::new();
    if let Some(directory) = sources.variable("STATE_DIRECTORY").and_then(|value| value.to_str()) {
        let written = Written::Text(directory.to_owned());
        layers.push(Layered { name: "data", written, origin: Origin::System("STATE_DIRECTORY") });
    }
    layers.extend(credentials(sources));
    let file = sources.chosen_file();
    if let Some(path) = &file {
        let (found, wrong) = file::read(path);
        layers.extend(found);
        mistakes.extend(wrong);
    }
    for (variable, value) in &sources.environment {
        match environment(variable, value) {
            Some(Ok(layered)) => layers.push(layered),
            Some(Err(mistake)) => mistakes.push(mistake),
            None => {}
        }
    }
    layers.extend(sources.flags.iter().map(|(name, flag, written)| Layered {
        name,
        written: written.clone(),
        origin: Origin::Flag(flag),
    }));
    let mut config = Config::blank();
    let mut settings = Vec::new();
    for key in &KEYS {
        let mut setting = Setting { name: key.name, value: default(key), origin: Origin::Default };
        for layered in layers.iter().filter(|layered| layered.name == key.name) {
            match apply(key, &mut Config::blank(), &layered.written) {
                Ok(()) => {
                    setting =
                        Setting { name: key.name, value: Some(layered.written.clone()), origin: layered.origin.clone() }
                }
                Err(sentence) => {
                    // What stands on the command line can be seen by everybody anyway.
                    let flag = matches!(layered.origin, Origin::Flag(_));
                    let sentence = if flag { format!("{} is wrong: {sentence}", layered.written) } else { sentence };
                    mistakes.push(Mistake { origin: layered.origin.clone(), sentence });
                }
            }
        }
        if let Some(written) = &setting.value {
            apply(key, &mut config, written).expect("it was read before, or is a default");
        }
        settings.push(setting);
    }
    mistakes.extend(check::together(&config, &settings));
    Loaded { config, settings, mistakes, file }
}

/// What counts when nobody sets anything.
pub(super) fn defaults() -> Config {
    let mut config = Config::blank();
    for key in &KEYS {
        if let Some(written) = default(key) {
            apply(key, &mut config, &written).expect("a test reads every default");
        }
    }
    config
}

/// A default as it is written in the table.
fn default(key: &Key) -> Option<Written> {
    if key.default.is_empty() {
        return None;
    }
    let quoted = |text: &str| text.trim().trim_matches('"').to_owned();
    Some(match key.reader {
        Reader::Flag(_) => Written::Flag(key.default == "true"),
        Reader::Number(_) => Written::Number(key.default.parse().unwrap_or_default()),
        Reader::Text(_) => Written::Text(quoted(key.default)),
        Reader::List(_) => {
            let entries = key.default.trim_matches(['[', ']']).split(',');
            Written::List(entries.filter(|entry| !entry.trim().is_empty()).map(quoted).collect())
        }
    })
}

/// Lets a key's reader read; an error says the key and what would be right. The value itself is not repeated, for a secret
/// may have been written there.
fn apply(key: &Key, config: &mut Config, written: &Written) -> Result<(), String> {
    let name = key.name;
    match (&key.reader, written) {
        (Reader::Text(read), Written::Text(text)) => {
            read(config, text).map_err(|right| format!("{name} cannot be this. {right}"))
        }
        (Reader::Flag(read), Written::Flag(flag)) => {
            read(config, *flag);
            Ok(())
        }
        (Reader::Number(read), Written::Number(number)) => {
            read(config, *number).map_err(|right| format!("{name} is out of bounds. {right}"))
        }
        (Reader::List(read), Written::List(entries)) => {
            for (at, entry) in entries.iter().enumerate() {
                read(config, entry).map_err(|right| format!("Entry {} of {name} cannot be this. {right}", at + 1))?;
            }
            Ok(())
        }
        _ => Err(format!("{name} is of the wrong type. {}", shape(name))),
    }
}

/// How a key's value is written.
pub(super) fn shape(name: &str) -> &'static str {
    match KEYS.iter().find(|key| key.name == name).map(|key| &key.reader) {
        Some(Reader::Flag(_)) => "Write true or false, without quotation marks.",
        Some(Reader::Number(_)) => "Write a whole number, without quotation marks.",
        Some(Reader::List(_)) => "Write a list, such as [\"one\", \"two\"].",
        Some(Reader::Text(_)) | None => "Write it in quotation marks.",
    }
}

/// The name of a key's variable.
pub(super) fn variable_of(key: &Key) -> String {
    format!("{PREFIX}{}", key.name.replace('.', "_").to_ascii_uppercase())
}

/// A variable of ours, read; `None` when it is somebody else's.
fn environment(variable: &OsString, value: &OsString) -> Option<Result<Layered, Mistake>> {
    let variable = variable.to_str().filter(|name| name.starts_with(PREFIX) && *name != FILE_VARIABLE)?;
    let origin = Origin::Environment(variable.to_owned());
    let mistake = |sentence: String| Some(Err(Mistake { origin: origin.clone(), sentence }));
    let Some(key) = KEYS.iter().find(|key| variable_of(key) == variable) else {
        return mistake(format!("This is no variable of Deskbell.{}", likely(variable, variable_of)));
    };
    let name = key.name;
    let Some(text) = value.to_str() else { return mistake(format!("{name} is not in UTF-8. Write it anew.")) };
    let written = match key.reader {
        Reader::Text(_) => Written::Text(text.to_owned()),
        Reader::Number(_) => match text.trim().parse() {
            Ok(number) => Written::Number(number),
            Err(_) => return mistake(format!("{name} is no whole number. Write one.")),
        },
        Reader::Flag(_) => match text.trim() {
            "true" => Written::Flag(true),
            "false" => Written::Flag(false),
            _ => return mistake(format!("{name} cannot be this. Write true or false.")),
        },
        Reader::List(_) => {
            let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
            Written::List(entries.map(str::to_owned).collect())
        }
    };
    Some(Ok(Layered { name, written, origin }))
}

/// Files that systemd hands over under the names of keys (`LoadCredential=tls.key_file:/path`).
fn credentials(sources: &Sources) -> Vec<Layered> {
    let Some(folder) = sources.variable("CREDENTIALS_DIRECTORY") else { return Vec::new() };
    let offered = KEYS.iter().filter(|key| key.credential).filter_map(|key| {
        let path = Path::new(folder).join(key.name);
        let written = Written::Text(path.to_str().filter(|_| path.exists())?.to_owned());
        Some(Layered { name: key.name, written, origin: Origin::Credential })
    });
    offered.collect()
}

/// The key that may have been meant, as a sentence with a space before it.
pub(super) fn likely(written: &str, name: impl Fn(&Key) -> String) -> String {
    let alike = |key: &Key| {
        let known = name(key);
        // The name without its section counts too: it may have been written in the wrong place.
        let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
        let likeness = strsim::jaro_winkler(&known, written).max(strsim::jaro_winkler(&last(&known), &last(written)));
        (likeness, known)
    };
    // Of names that are as like the shorter one is meant.
    let order =
        |one: &(f64, String), other: &(f64, String)| one.0.total_cmp(&other.0).then(other.1.len().cmp(&one.1.len()));
    let best = KEYS.iter().map(alike).max_by(order);
    match best.filter(|(likeness, _)| *likeness >= LIKENESS_MIN) {
        Some((_, known)) => format!(" Did you mean {known}?"),
        None => " `deskbell config describe` lists them all.".to_owned(),
    }
}
