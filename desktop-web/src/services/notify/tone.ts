/** A tone is heard once in this time, milliseconds: a burst of messages is one event to a person. */
const REST_MS = 1_500;

/** Two notes upwards, hertz, and how long each sounds, seconds. */
const NOTES = [659.3, 987.8];
const NOTE_S = 0.16;

/** Quiet: it has to be heard over a room, not over music. */
const VOLUME = 0.09;

let context: AudioContext | null = null;
let lastAt = -Infinity;

/** Two short soft notes, made here so that no file has to be loaded. A browser that was not touched yet keeps silent. */
export function playTone(): void {
  const now = performance.now();
  if (now - lastAt < REST_MS || !('AudioContext' in globalThis)) return;
  lastAt = now;
  context ??= new AudioContext();
  const audio = context;
  // A tab that lay in the background may have been put to sleep.
  audio.resume().then(
    () => NOTES.forEach((frequency, at) => playNote(audio, frequency, audio.currentTime + at * NOTE_S * 0.7)),
    () => undefined,
  );
}

function playNote(audio: AudioContext, frequency: number, at: number): void {
  const note = audio.createOscillator();
  const volume = audio.createGain();
  note.frequency.value = frequency;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(VOLUME, at + 0.012);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + NOTE_S);
  note.connect(volume).connect(audio.destination);
  note.start(at);
  note.stop(at + NOTE_S);
}
