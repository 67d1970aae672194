// What libfcgi can do at best: threads that accept, read the body and answer 200.
#include <fcgiapp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int listener;

static void *serve(void *unused) {
  FCGX_Request request;
  char body[65536];
  FCGX_InitRequest(&request, listener, 0);
  while (FCGX_Accept_r(&request) == 0) {
    const char *text = FCGX_GetParam("CONTENT_LENGTH", request.envp);
    int length = text ? atoi(text) : 0;
    if (length > (int)sizeof body || FCGX_GetStr(body, length, request.in) != length) {
      FCGX_PutS("Status: 400 Bad Request\r\ncontent-length: 0\r\n\r\n", request.out);
      continue;
    }
    FCGX_PutS("Status: 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}", request.out);
    FCGX_Finish_r(&request);
  }
  return unused;
}

int main(int count, char **words) {
  if (count != 3) return fprintf(stderr, "usage: bare SOCKET THREADS\n"), 2;
  FCGX_Init();
  listener = FCGX_OpenSocket(words[1], 1024);
  for (int i = atoi(words[2]); i > 0; i--) {
    pthread_t thread;
    pthread_create(&thread, 0, serve, 0);
  }
  pause();
}
