// The part of libcurl's interface that the client uses, in a form that Swift can import: no
// variadic functions. The library itself is opened when it is first needed (CCurl.c says why).
#ifndef CCURL_H
#define CCURL_H

#include <curl/curl.h>

/// Opens libcurl and initialises it, once. Returns 0, or -1 with a sentence in `*problem`.
/// Every other function here needs it to have succeeded.
int sluice_curl_open(const char **problem);

CURL *sluice_curl_easy_init(void);
void sluice_curl_easy_cleanup(CURL *easy);

const char *sluice_curl_strerror(CURLcode code);
int sluice_curl_set_long(CURL *easy, CURLoption option, long value);
int sluice_curl_set_text(CURL *easy, CURLoption option, const char *value);
int sluice_curl_set_pointer(CURL *easy, CURLoption option, void *value);

typedef size_t (*sluice_curl_data)(char *bytes, size_t size, size_t count, void *context);

/// Where the answer's body and header lines go, and what is called right before the request leaves.
int sluice_curl_set_callbacks(CURL *easy, void *context, sluice_curl_data body,
                              sluice_curl_data header, curl_prereq_callback departure);

/// What opens the socket to each address that a host name stands for, or refuses to.
int sluice_curl_set_open_socket(CURL *easy, void *context, curl_opensocket_callback open);

/// The IP address that is about to be connected to, in network order.
/// Returns how many bytes it has, 4 or 16; 0 where it is neither kind.
size_t sluice_curl_address(const struct curl_sockaddr *address, unsigned char bytes[16]);

/// Makes the call, and waits for its end.
CURLcode sluice_curl_perform(CURL *easy);

long sluice_curl_status(CURL *easy);
void *sluice_curl_context(CURL *easy);

struct curl_slist *sluice_curl_list_append(struct curl_slist *list, const char *text);
void sluice_curl_list_free(struct curl_slist *list);

CURLM *sluice_curl_multi_init(void);
void sluice_curl_multi_cleanup(CURLM *multi);
int sluice_curl_multi_set_long(CURLM *multi, CURLMoption option, long value);
int sluice_curl_multi_add(CURLM *multi, CURL *easy);
int sluice_curl_multi_remove(CURLM *multi, CURL *easy);
int sluice_curl_multi_perform(CURLM *multi, int *running);
int sluice_curl_multi_poll(CURLM *multi, struct curl_waitfd *extra, unsigned count, int milliseconds);

/// The next transfer that has ended, with its result; NULL if there is none.
CURL *sluice_curl_multi_done(CURLM *multi, CURLcode *result);

#endif
