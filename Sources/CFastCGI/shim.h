// libfcgi's re-entrant interface, and epoll, which Swift's Glibc module leaves out.
#include <fcgiapp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
