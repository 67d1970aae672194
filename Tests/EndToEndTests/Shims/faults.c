// LD_PRELOAD: a disk that fails and a clock that is stepped, as the words in the file $SLUICE_FAULTS
// say at that moment. The file is mapped, so that a test changes them while a program runs.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// The test counts on this order.
struct words {
  int64_t clock_step;   // seconds added to the time of day
  int64_t fail_syncs;   // not 0: fsync and fdatasync of the ledger fail with EIO
  int64_t fail_writes;  // not 0: so do writes
  int64_t failures;     // how many have failed
  int64_t time_reads;   // how often the time of day was asked for
};

static struct words *words;

__attribute__((constructor)) static void map_words(void) {
  static struct words none;
  words = &none;
  const char *path = getenv("SLUICE_FAULTS");
  int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *base = mmap(NULL, sizeof *words, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base != MAP_FAILED) words = base;
  close(fd);
}

static int is_ledger(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, "/ledger.db") != NULL;
}

static int fails(int64_t *word, int fd) {
  if (!__atomic_load_n(word, __ATOMIC_ACQUIRE) || !is_ledger(fd)) return 0;
  __atomic_add_fetch(&words->failures, 1, __ATOMIC_RELAXED);
  errno = EIO;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd) { return fails(&words->fail_syncs, fd) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails(&words->fail_syncs, fd) ? -1 : REAL(fdatasync)(fd); }

ssize_t write(int fd, const void *data, size_t count) {
  if (words && fails(&words->fail_writes, fd)) return -1;
  return syscall(SYS_write, fd, data, count);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at) {
  return fails(&words->fail_writes, fd) ? -1 : REAL(pwrite)(fd, data, count, at);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at) {
  return fails(&words->fail_writes, fd) ? -1 : REAL(pwrite64)(fd, data, count, at);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int code = (int)syscall(SYS_clock_gettime, clock, now);
  if (code == 0 && words && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += __atomic_load_n(&words->clock_step, __ATOMIC_ACQUIRE);
    __atomic_add_fetch(&words->time_reads, 1, __ATOMIC_RELAXED);
  }
  return code;
}

int gettimeofday(struct timeval *now, void *zone) {
  (void)zone;
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}
