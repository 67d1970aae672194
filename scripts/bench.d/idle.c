// How long a message takes through an idle bridge: sends one webhook at a time, plays the platform,
// and notes on one clock when the webhook left, was answered, and reached the platform.
#include "requests.h"

#include <fcntl.h>
#include <poll.h>

#define LINKS 64

int main(int count, char **words) {
  if (count != 8) return fprintf(stderr, "usage: idle PORT PATH SECRET SINK-PORT COUNT GAP-MS RUN\n"), 2;
  Shape shape = {"webhook", words[2], words[3], atoi(words[1]), 256, atoi(words[7])};
  int total = atoi(words[5]), gap = atoi(words[6]), one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(words[4]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  struct pollfd fds[LINKS + 2] = {{connect_to(shape.port), POLLIN, 0}, {socket(AF_INET, SOCK_STREAM, 0), POLLIN, 0}};
  static char in[LINKS + 2][8192];
  int filled[LINKS + 2] = {0}, used = 2;
  setsockopt(fds[1].fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fds[1].fd, (void *)&address, sizeof address) || listen(fds[1].fd, 64)) FAIL("the sink: %s", strerror(errno));

  int64_t *after_send = calloc(total, 8), *after_answer = calloc(total, 8);
  for (int i = 0; i < total; i++) {
    // Of uneven length, so that it does not fall into step with any timer.
    usleep(gap * 1000 + rand() % (gap * 500));
    char request[LARGEST_REQUEST];
    int length = make_request(&shape, i, request);
    uint64_t sent = now_ns(), answered = 0, arrived = 0;
    if (write(fds[0].fd, request, length) != length) FAIL("the webhook was not taken");
    while (!answered || !arrived) {
      if (poll(fds, used, 10000) < 1) FAIL("message %d: no %s within 10 s", i, answered ? "delivery" : "answer");
      uint64_t now = now_ns();
      if (fds[1].revents) {
        if (used == LINKS + 2) FAIL("more than %d connections to the platform", LINKS);
        int fd = accept(fds[1].fd, 0, 0);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        filled[used] = 0;
        fds[used++] = (struct pollfd){fd, POLLIN, 0};
      }
      for (int k = 0; k < used; k++) {
        if (k == 1 || !fds[k].revents) continue;
        int got = read(fds[k].fd, in[k] + filled[k], sizeof in[k] - filled[k]);
        if (got <= 0) {
          if (k == 0) FAIL("the web server hung up");
          close(fds[k].fd);
          used--;
          if (k < used) fds[k] = fds[used], filled[k] = filled[used], memcpy(in[k], in[used], filled[k]), fds[k].revents = 0;
          continue;
        }
        filled[k] += got;
        if (!message_length(in[k], filled[k])) continue;
        filled[k] = 0;
        if (k == 0) {
          if (status_of(in[0]) / 100 != 2) FAIL("the webhook was refused:\n%.300s", in[0]);
          answered = now;
        } else {
          static const char ok[] = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
          arrived = now;
          if (write(fds[k].fd, ok, sizeof ok - 1) < 0) FAIL("the relay hung up");
        }
      }
    }
    after_send[i] = arrived - sent;
    after_answer[i] = (int64_t)(arrived - answered);  // Negative where the delivery was faster.
  }
  qsort(after_send, total, 8, by_size);
  qsort(after_answer, total, 8, by_size);
  printf("{\"sent_p50_ms\": %.3f, \"sent_p99_ms\": %.3f, \"answered_p50_ms\": %.3f, \"answered_p99_ms\": %.3f}\n",
         quantile(after_send, total, 0.5), quantile(after_send, total, 0.99), quantile(after_answer, total, 0.5),
         quantile(after_answer, total, 0.99));
}
