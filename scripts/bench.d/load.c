// Puts load on one URL: N kept-alive connections, each sending its next request when the last one is
// answered, or together at a fixed rate. Prints one line of JSON. Any answer but 2xx is a failure.
#include "requests.h"

#include <getopt.h>
#include <sys/epoll.h>

typedef struct {
  int fd, filled;
  int is_busy;
  uint64_t sent_at;
  char in[8192];
} Link;

static Shape shape = {.kind = "webhook", .path = "/", .secret = "", .size = 256};
static char *requests;
static int request_length;
static long made, begun, answered;
static int repeats;  // Whoever stores nothing may be sent the same requests again.
static int64_t *latencies;

/// `at`: when it should have left; latency counts from there, so that a stall is not hidden by the
/// requests it kept from being sent.
static void send_next(Link *link, uint64_t at) {
  if (begun >= made && !repeats) FAIL("all %ld prepared requests are used up; raise --reserve", made);
  link->is_busy = 1;
  link->sent_at = at;
  if (write(link->fd, requests + begun++ % made * request_length, request_length) != request_length)
    FAIL("a request was not taken: %s", strerror(errno));
}

/// Whether the answer is complete.
static int receive(Link *link) {
  int count = read(link->fd, link->in + link->filled, sizeof link->in - link->filled);
  if (count <= 0) FAIL("a connection ended after %ld answers: %s", answered, count ? strerror(errno) : "closed");
  link->filled += count;
  int length = message_length(link->in, link->filled);
  if (!length) return 0;
  int status = status_of(link->in);
  if (status < 200 || status > 299) FAIL("answer %ld is not 2xx:\n%.*s", answered + 1, link->filled, link->in);
  link->filled = 0;
  link->is_busy = 0;
  return 1;
}

int main(int count, char **words) {
  int connections = 16;
  double seconds = 3, warm = 0.3, rate = 0;
  long fixed = 0, reserve = 40000;
  struct option options[] = {
      {"port", 1, 0, 'p'},    {"path", 1, 0, 'u'},   {"kind", 1, 0, 'k'},  {"secret", 1, 0, 's'},
      {"size", 1, 0, 'b'},    {"run", 1, 0, 'i'},    {"connections", 1, 0, 'c'},
      {"seconds", 1, 0, 't'}, {"warm", 1, 0, 'w'},   {"rate", 1, 0, 'r'},  {"count", 1, 0, 'n'},
      {"reserve", 1, 0, 'm'}, {"repeat", 1, 0, 'a'}, {0}};
  for (int o; (o = getopt_long(count, words, "", options, 0)) != -1;) switch (o) {
      case 'p': shape.port = atoi(optarg); break;
      case 'u': shape.path = optarg; break;
      case 'k': shape.kind = optarg; break;
      case 's': shape.secret = optarg; break;
      case 'b': shape.size = atoi(optarg); break;
      case 'i': shape.run = atoi(optarg); break;
      case 'c': connections = atoi(optarg); break;
      case 't': seconds = atof(optarg); break;
      case 'w': warm = atof(optarg); break;
      case 'r': rate = atof(optarg); break;       // requests a second, over all connections
      case 'n': fixed = atol(optarg); break;      // this many requests, however long they take
      case 'a': repeats = atoi(optarg); break;
      case 'm': reserve = atol(optarg); break;    // requests a second to prepare for
      default: return 2;
    }

  if (fixed) warm = 0, seconds = 3600;
  made = fixed ? fixed : (rate ? rate : reserve) * (seconds + warm) + connections;
  char sample[LARGEST_REQUEST];
  request_length = make_request(&shape, 0, sample);
  requests = malloc(made * request_length + LARGEST_REQUEST);
  for (long i = 0; i < made; i++) make_request(&shape, i, requests + i * request_length);
  long room = repeats ? 1000000 * (seconds + warm) : made;
  latencies = malloc(room * sizeof *latencies);
  memset(latencies, 1, made * sizeof *latencies);

  int poller = epoll_create1(0);
  Link *links = calloc(connections, sizeof *links);
  for (int i = 0; i < connections; i++) {
    links[i].fd = connect_to(shape.port);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &links[i]};
    epoll_ctl(poller, EPOLL_CTL_ADD, links[i].fd, &event);
  }

  uint64_t start = now_ns(), from = start + warm * 1e9, end = from + seconds * 1e9, now = start;
  uint64_t next = start, step = rate ? 1e9 / rate : 0;
  if (!rate)
    for (int i = 0; i < connections && begun < made; i++) send_next(&links[i], now);
  while (now < end && !(fixed && answered == fixed)) {
    struct timespec timeout = {1, 0};
    if (rate) {
      for (int i = 0; i < connections && next <= now; i++)
        if (!links[i].is_busy) send_next(&links[i], next), next += step;
      if (next > now) timeout = (struct timespec){(next - now) / 1000000000, (next - now) % 1000000000};
    }
    struct epoll_event events[256];
    int ready = epoll_pwait2(poller, events, 256, &timeout, 0);
    now = now_ns();
    for (int i = 0; i < ready; i++) {
      Link *link = events[i].data.ptr;
      if (!receive(link)) continue;
      now = now_ns();
      if (now >= from) latencies[answered++] = now - link->sent_at;
      if (!rate && (repeats || begun < made + !fixed)) send_next(link, now);
    }
  }
  if (!answered) FAIL("no answer within %g seconds", seconds);
  double elapsed = (now - from) / 1e9;
  qsort(latencies, answered, sizeof *latencies, by_size);
  printf("{\"requests\": %ld, \"rps\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n", answered,
         answered / elapsed, quantile(latencies, answered, 0.5), quantile(latencies, answered, 0.99),
         quantile(latencies, answered, 1));
}
