//! Languages of customers, as a centre names its main one.
//!
//! Invariant: a code is one of ISO 639-1 and never changes its meaning.

macro_rules! languages {
    ($($language:ident = $code:literal,)+) => {
        /// A language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each is its own name")]
        pub enum Language {
            $($language,)+
        }

        impl Language {
            /// Every language, by code.
            pub const ALL: &[Self] = &[$(Self::$language,)+];

            /// The code of ISO 639-1.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$language => $code,)+
                }
            }
        }
    };
}

languages! {
    Arabic = "ar",
    Czech = "cs",
    Danish = "da",
    German = "de",
    Greek = "el",
    English = "en",
    Spanish = "es",
    Finnish = "fi",
    French = "fr",
    Hindi = "hi",
    Hungarian = "hu",
    Indonesian = "id",
    Italian = "it",
    Dutch = "nl",
    Norwegian = "no",
    Polish = "pl",
    Portuguese = "pt",
    Romanian = "ro",
    Russian = "ru",
    Swedish = "sv",
    Turkish = "tr",
    Ukrainian = "uk",
}

impl Language {
    /// The language of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|language| language.code() == code).copied()
    }
}
