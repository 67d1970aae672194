// A VFS like the usual one, but for writes to the write-ahead log, which it gathers. SQLite writes
// each frame of the log in two calls, 24 bytes and a page; a commit of ten messages is some sixty
// calls. Here it is one.
//
// What is gathered is written before anything can depend on it: before the log is synced, read,
// measured, cut or closed, or written elsewhere than at the end of what is gathered. With
// synchronous=FULL, which every connection here has, each commit syncs its frames before it makes
// them visible to others in the wal-index, so nobody ever looks for a frame that is not in the file.
// A process that is killed loses what it had gathered, frames of a transaction that had not been
// committed: what a loss of power may do to writes not yet synced, and SQLite allows for.
#include "CSQLite.h"

#include <pthread.h>
#include <string.h>

// SQLite's own VFS takes less than 128 KB at once (os_unix.c, seekAndWriteFd: `nBuf &= 0x1ffff`).
enum { CAPACITY = 124 << 10 };

typedef struct {
  sqlite3_file base;
  char *bytes;           // CAPACITY of them; NULL until the first write.
  sqlite3_int64 offset;  // Where in the file the first of them belongs.
  int count;
} Log;                   // Followed by the usual VFS's file.

static sqlite3_file *file_of(Log *log) { return (sqlite3_file *)(log + 1); }

static int flush(sqlite3_file *self) {
  Log *log = (Log *)self;
  if (log->count == 0) return SQLITE_OK;
  int count = log->count;
  log->count = 0;  // Also if it fails: the transaction fails with it, and writes its frames anew.
  return file_of(log)->pMethods->xWrite(file_of(log), log->bytes, count, log->offset);
}

static int log_write(sqlite3_file *self, const void *bytes, int count, sqlite3_int64 offset) {
  Log *log = (Log *)self;
  if (offset != log->offset + log->count || log->count + count > CAPACITY) {
    int code = flush(self);
    if (code != SQLITE_OK) return code;
    log->offset = offset;
  }
  if (log->bytes == NULL) log->bytes = sqlite3_malloc(CAPACITY);
  if (log->bytes == NULL || count > CAPACITY) {
    return file_of(log)->pMethods->xWrite(file_of(log), bytes, count, offset);
  }
  memcpy(log->bytes + log->count, bytes, count);
  log->count += count;
  return SQLITE_OK;
}

// The rest of a file's methods: flush, then do as the usual VFS does.
#define FLUSH_AND(method, ...)                                        \
  int code = flush(self);                                             \
  if (code != SQLITE_OK) return code;                                 \
  sqlite3_file *file = file_of((Log *)self);                          \
  return file->pMethods->method(file, ##__VA_ARGS__)

static int log_read(sqlite3_file *self, void *bytes, int count, sqlite3_int64 offset) {
  FLUSH_AND(xRead, bytes, count, offset);
}
static int log_truncate(sqlite3_file *self, sqlite3_int64 size) { FLUSH_AND(xTruncate, size); }
static int log_sync(sqlite3_file *self, int flags) { FLUSH_AND(xSync, flags); }
static int log_size(sqlite3_file *self, sqlite3_int64 *size) { FLUSH_AND(xFileSize, size); }
static int log_lock(sqlite3_file *self, int level) { FLUSH_AND(xLock, level); }
static int log_unlock(sqlite3_file *self, int level) { FLUSH_AND(xUnlock, level); }
static int log_reserved(sqlite3_file *self, int *out) { FLUSH_AND(xCheckReservedLock, out); }
static int log_control(sqlite3_file *self, int op, void *arg) { FLUSH_AND(xFileControl, op, arg); }

static int log_sector(sqlite3_file *self) {
  sqlite3_file *file = file_of((Log *)self);
  return file->pMethods->xSectorSize(file);
}

static int log_device(sqlite3_file *self) {
  sqlite3_file *file = file_of((Log *)self);
  return file->pMethods->xDeviceCharacteristics(file);
}

static int log_close(sqlite3_file *self) {
  Log *log = (Log *)self;
  int flushed = flush(self);
  int closed = file_of(log)->pMethods->xClose(file_of(log));
  sqlite3_free(log->bytes);
  return flushed != SQLITE_OK ? flushed : closed;
}

// Version 1: no shared memory or mapped pages, which are the database file's and not the log's.
static const sqlite3_io_methods log_methods = {
    1,        log_close, log_read,   log_write,    log_truncate, log_sync,   log_size,
    log_lock, log_unlock, log_reserved, log_control, log_sector, log_device,
};

static sqlite3_vfs gathering;

static int open_file(
    sqlite3_vfs *self, const char *path, sqlite3_file *out, int flags, int *out_flags) {
  sqlite3_vfs *usual = self->pAppData;
  if ((flags & SQLITE_OPEN_WAL) == 0) return usual->xOpen(usual, path, out, flags, out_flags);
  Log *log = (Log *)out;
  memset(log, 0, sizeof *log);
  int code = usual->xOpen(usual, path, file_of(log), flags, out_flags);
  // Only what has methods is closed.
  if (file_of(log)->pMethods != NULL) log->base.pMethods = &log_methods;
  return code;
}

static void register_once(void) {
  sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
  if (usual == NULL) return;
  gathering = *usual;  // Its other functions do not look at the VFS they are called for.
  gathering.pNext = NULL;
  gathering.zName = "sluice";
  gathering.szOsFile = (int)sizeof(Log) + usual->szOsFile;
  gathering.pAppData = usual;
  gathering.xOpen = open_file;
  if (sqlite3_vfs_register(&gathering, 0) != SQLITE_OK) gathering.zName = NULL;
}

const char *sluice_sqlite_gathering_vfs(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, register_once);
  return gathering.zName;
}
