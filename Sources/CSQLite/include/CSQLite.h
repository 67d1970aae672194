#include <sqlite3.h>

// Swift imports neither variadic functions nor the destructor constants, which are casts.
static inline int sluice_sqlite_no_checkpoint_on_close(sqlite3 *db) {
  return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

static inline int sluice_sqlite_bind_text(sqlite3_stmt *s, int at, const char *p, int n) {
  return sqlite3_bind_text(s, at, p, n, SQLITE_TRANSIENT);
}

static inline int sluice_sqlite_bind_blob(sqlite3_stmt *s, int at, const void *p, int n) {
  return sqlite3_bind_blob(s, at, p, n, SQLITE_TRANSIENT);
}

// Registers, once, the VFS that gathers appends to the write-ahead log (WALBuffer.c).
// Returns its name, or NULL, which means the usual VFS to sqlite3_open_v2.
const char *sluice_sqlite_gathering_vfs(void);
