//! Logic worker: owns conversations and messages
