// LD_PRELOAD: a disk whose every sync takes SLOWSYNC_US microseconds more.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static int slow(const char *name, int fd) {
  const char *text = getenv("SLOWSYNC_US");
  usleep(text ? atoi(text) : 5000);
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  return real(fd);
}

int fsync(int fd) { return slow("fsync", fd); }
int fdatasync(int fd) { return slow("fdatasync", fd); }
