/** The product's sign: two voices, one of which waits. */
export function Mark() {
  return (
    <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="7" fill="#1c7c7d" />
      <path d="M9 8v9a7 7 0 0 0 14 0V8" fill="none" stroke="#fff" strokeWidth="3.4" strokeLinecap="round" />
      <circle cx="23" cy="8" r="2.6" fill="#ffd43b" />
    </svg>
  );
}
