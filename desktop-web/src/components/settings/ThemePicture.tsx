import styles from './ThemeTile.module.css';

/** The page in a few strokes, in the colours of the theme around it. */
export function ThemePicture() {
  return (
    <span className={styles.page}>
      <i className={styles.list} />
      <i className={styles.other} />
      <i className={styles.own} />
    </span>
  );
}
