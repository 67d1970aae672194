// What libcurl can do at best: one multi handle, N transfers under way, the same POST over and over.
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t discard(char *bytes, size_t size, size_t count, void *context) {
  (void)bytes, (void)context;
  return size * count;
}

int main(int count, char **words) {
  if (count != 5) return fprintf(stderr, "usage: post URL COUNT IN-FLIGHT BODY-BYTES\n"), 2;
  long total = atol(words[2]), begun = 0, ended = 0;
  int in_flight = atoi(words[3]), size = atoi(words[4]), running;
  char *body = malloc(size);
  memset(body, 'x', size);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)in_flight);
  struct curl_slist *headers = curl_slist_append(0, "authorization: Bearer 0123456789abcdef");
  headers = curl_slist_append(headers, "content-type: application/json");
  headers = curl_slist_append(headers, "expect:");
  for (int i = 0; i < in_flight && begun < total; i++, begun++) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, words[1]);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)size);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_multi_add_handle(multi, easy);
  }
  while (ended < total) {
    curl_multi_perform(multi, &running);
    int left, moved = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
      long status = 0;
      CURL *easy = message->easy_handle;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      if (status != 200) return fprintf(stderr, "answer %ld has status %ld\n", ended, status), 1;
      ended++, moved++;
      curl_multi_remove_handle(multi, easy);
      if (begun < total) curl_multi_add_handle(multi, easy), begun++;
    }
    if (!moved) curl_multi_poll(multi, 0, 0, 1000, 0);
  }
}
