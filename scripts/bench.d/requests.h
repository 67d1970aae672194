// What the load generators share: requests made and signed before the clock starts, and answers
// read with as little work as possible, since the generator runs on the cores it measures.
#pragma once
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FAIL(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), exit(1))

/// All requests of a kind have the same length.
typedef struct {
  const char *kind;    // webhook, status, message
  const char *path;
  const char *secret;  // signs webhooks, or is the bearer token of messages
  int port;
  int size;  // of the body, bytes
  int run;   // 0 to 999: two runs against one ledger have nothing in common
} Shape;

#define LARGEST_REQUEST 2048

static inline uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/// A bijection (splitmix64's finaliser): external IDs are unique, and as scattered as a UUID.
static inline uint64_t scatter(uint64_t x) {
  x ^= x >> 30, x *= 0xbf58476d1ce4e5b9;
  x ^= x >> 27, x *= 0x94d049bb133111eb;
  return x ^ x >> 31;
}

/// Writes request number `index` into `out`; returns its length.
static int make_request(const Shape *shape, uint32_t index, char *out) {
  uint64_t unique = (uint64_t)(shape->run + 1) << 32 | index;
  char contact[32], body[LARGEST_REQUEST], head[1024], proof[256];
  snprintf(contact, sizeof contact, "+601%03d%07u", shape->run, index % 10000000);
  const char *tail;
  int n;
  if (!strcmp(shape->kind, "webhook")) {
    n = sprintf(body,
                "{\"events\":[{\"type\":\"message\",\"id\":\"in-%016llx\",\"from\":\"%s\","
                "\"name\":\"Ada Lovelace\",\"timestamp\":1760000000000,\"text\":\"%08x ",
                (unsigned long long)scatter(unique), contact, index);
    tail = "\"}]}";
  } else if (!strcmp(shape->kind, "status")) {
    n = sprintf(body,
                "{\"events\":[{\"type\":\"status\",\"id\":\"sb-%016llx\",\"status\":\"delivered\",\"note\":\"",
                (unsigned long long)scatter(unique));
    tail = "\"}]}";
  } else {
    n = sprintf(body, "{\"contactId\":\"%s\",\"message\":{\"type\":\"text\",\"text\":\"%08x ", contact, index);
    tail = "\"}}";
  }
  int end = shape->size - (int)strlen(tail);
  if (n > end) FAIL("--size %d is too small for a %s", shape->size, shape->kind);
  static const char filler[] = "the quick brown fox jumps over the lazy dog ";
  for (int i = 0; n < end; i++) body[n++] = filler[i % (sizeof filler - 1)];
  n += sprintf(body + n, "%s", tail);
  if (!strcmp(shape->kind, "message")) {
    snprintf(proof, sizeof proof, "authorization: Bearer %s", shape->secret);
  } else {
    unsigned char mac[32];
    HMAC(EVP_sha256(), shape->secret, strlen(shape->secret), (unsigned char *)body, n, mac, 0);
    int p = sprintf(proof, "x-sandbox-signature: sha256=");
    for (int i = 0; i < 32; i++) p += sprintf(proof + p, "%02x", mac[i]);
  }
  int h = snprintf(head, sizeof head,
                   "POST %s HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
                   "%s\r\ncontent-length: %d\r\n\r\n",
                   shape->path, proof, n);
  if (h + n > LARGEST_REQUEST) FAIL("--size %d is too large", shape->size);
  memcpy(out, head, h);
  memcpy(out + h, body, n);
  return h + n;
}

/// Length of the complete HTTP message at the start of `in`, or 0 if more has to come.
static int message_length(const char *in, int length) {
  const char *end = memmem(in, length, "\r\n\r\n", 4);
  if (!end) return 0;
  int head = end - in + 4, body = 0;
  for (const char *line = in; line < end;) {
    line = memchr(line, '\n', end + 4 - line) + 1;
    if (!strncasecmp(line, "content-length:", 15)) body = atoi(line + 15);
    if (!strncasecmp(line, "transfer-encoding:", 18)) FAIL("an answer came in chunks");
  }
  return length >= head + body ? head + body : 0;
}

static inline int status_of(const char *answer) { return atoi(answer + 9); }

static int connect_to(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  if (connect(fd, (void *)&address, sizeof address)) FAIL("port %d: %s", port, strerror(errno));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static int by_size(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/// Milliseconds; `sorted` holds nanoseconds.
static double quantile(const int64_t *sorted, long count, double q) {
  return count ? sorted[(long)((count - 1) * q)] / 1e6 : 0;
}
