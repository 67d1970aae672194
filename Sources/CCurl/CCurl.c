// libcurl comes with thirty shared libraries of its own, which take 7 ms and 8 MB to load: more
// than everything else in a program together. A CGI request that calls nobody must not pay for
// them, so the library is opened when the first call is made.
#include "CCurl.h"

#include <dlfcn.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define FUNCTIONS(X)                                                                     \
  X(CURLcode, curl_global_init, (long))                                                  \
  X(CURL *, curl_easy_init, (void))                                                      \
  X(void, curl_easy_cleanup, (CURL *))                                                   \
  X(const char *, curl_easy_strerror, (CURLcode))                                        \
  X(CURLcode, curl_easy_setopt, (CURL *, CURLoption, ...))                               \
  X(CURLcode, curl_easy_getinfo, (CURL *, CURLINFO, ...))                                \
  X(CURLcode, curl_easy_perform, (CURL *))                                               \
  X(struct curl_slist *, curl_slist_append, (struct curl_slist *, const char *))         \
  X(void, curl_slist_free_all, (struct curl_slist *))                                    \
  X(CURLM *, curl_multi_init, (void))                                                    \
  X(CURLMcode, curl_multi_cleanup, (CURLM *))                                            \
  X(CURLMcode, curl_multi_setopt, (CURLM *, CURLMoption, ...))                           \
  X(CURLMcode, curl_multi_add_handle, (CURLM *, CURL *))                                 \
  X(CURLMcode, curl_multi_remove_handle, (CURLM *, CURL *))                              \
  X(CURLMcode, curl_multi_perform, (CURLM *, int *))                                     \
  X(CURLMcode, curl_multi_poll, (CURLM *, struct curl_waitfd *, unsigned, int, int *))   \
  X(CURLMsg *, curl_multi_info_read, (CURLM *, int *))

// The header wraps these in macros that check argument types; here are the bare functions.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

#define DECLARE(result, name, parameters) static result(*p_##name) parameters;
FUNCTIONS(DECLARE)

static char problem_text[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_library(void) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(problem_text, sizeof problem_text, "libcurl cannot be loaded (%s). Install libcurl4.", dlerror());
    return;
  }
#define LOOK_UP(result, name, parameters)                                                \
  if (!(p_##name = (result(*) parameters)dlsym(library, #name))) {                       \
    snprintf(problem_text, sizeof problem_text, "libcurl has no %s. Install version 7.80 or later.", #name); \
    return;                                                                              \
  }
  FUNCTIONS(LOOK_UP)
  CURLcode code = p_curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code) snprintf(problem_text, sizeof problem_text, "libcurl does not start: %s.", p_curl_easy_strerror(code));
}

int sluice_curl_open(const char **problem) {
  pthread_once(&once, open_library);
  *problem = problem_text;
  return problem_text[0] ? -1 : 0;
}

CURL *sluice_curl_easy_init(void) { return p_curl_easy_init(); }
void sluice_curl_easy_cleanup(CURL *easy) { p_curl_easy_cleanup(easy); }
const char *sluice_curl_strerror(CURLcode code) { return p_curl_easy_strerror(code); }

int sluice_curl_set_long(CURL *easy, CURLoption option, long value) {
  return p_curl_easy_setopt(easy, option, value);
}

int sluice_curl_set_text(CURL *easy, CURLoption option, const char *value) {
  return p_curl_easy_setopt(easy, option, value);
}

int sluice_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return p_curl_easy_setopt(easy, option, value);
}

int sluice_curl_set_callbacks(CURL *easy, void *context, sluice_curl_data body,
                              sluice_curl_data header, curl_prereq_callback departure) {
  return p_curl_easy_setopt(easy, CURLOPT_WRITEDATA, context) |
         p_curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body) |
         p_curl_easy_setopt(easy, CURLOPT_HEADERDATA, context) |
         p_curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header) |
         p_curl_easy_setopt(easy, CURLOPT_PREREQDATA, context) |
         p_curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, departure) |
         p_curl_easy_setopt(easy, CURLOPT_PRIVATE, context);
}

int sluice_curl_set_open_socket(CURL *easy, void *context, curl_opensocket_callback open) {
  return p_curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context) |
         p_curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open);
}

size_t sluice_curl_address(const struct curl_sockaddr *address, unsigned char bytes[16]) {
  if (address->family == AF_INET && address->addrlen >= sizeof(struct sockaddr_in)) {
    memcpy(bytes, &((const struct sockaddr_in *)&address->addr)->sin_addr, 4);
    return 4;
  }
  if (address->family == AF_INET6 && address->addrlen >= sizeof(struct sockaddr_in6)) {
    memcpy(bytes, &((const struct sockaddr_in6 *)&address->addr)->sin6_addr, 16);
    return 16;
  }
  return 0;
}

CURLcode sluice_curl_perform(CURL *easy) { return p_curl_easy_perform(easy); }

long sluice_curl_status(CURL *easy) {
  long status = 0;
  p_curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

void *sluice_curl_context(CURL *easy) {
  char *context = 0;
  p_curl_easy_getinfo(easy, CURLINFO_PRIVATE, &context);
  return context;
}

struct curl_slist *sluice_curl_list_append(struct curl_slist *list, const char *text) {
  return p_curl_slist_append(list, text);
}

void sluice_curl_list_free(struct curl_slist *list) { p_curl_slist_free_all(list); }

CURLM *sluice_curl_multi_init(void) { return p_curl_multi_init(); }
void sluice_curl_multi_cleanup(CURLM *multi) { p_curl_multi_cleanup(multi); }

int sluice_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return p_curl_multi_setopt(multi, option, value);
}

int sluice_curl_multi_add(CURLM *multi, CURL *easy) { return p_curl_multi_add_handle(multi, easy); }

int sluice_curl_multi_remove(CURLM *multi, CURL *easy) {
  return p_curl_multi_remove_handle(multi, easy);
}

int sluice_curl_multi_perform(CURLM *multi, int *running) {
  return p_curl_multi_perform(multi, running);
}

int sluice_curl_multi_poll(CURLM *multi, struct curl_waitfd *extra, unsigned count, int milliseconds) {
  return p_curl_multi_poll(multi, extra, count, milliseconds, 0);
}

CURL *sluice_curl_multi_done(CURLM *multi, CURLcode *result) {
  int left;
  CURLMsg *message;
  while ((message = p_curl_multi_info_read(multi, &left))) {
    if (message->msg != CURLMSG_DONE) continue;
    *result = message->data.result;
    return message->easy_handle;
  }
  return 0;
}
