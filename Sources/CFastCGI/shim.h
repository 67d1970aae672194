// libfcgi's re-entrant interface, and epoll, which Swift's Glibc module leaves out.
#include <fastcgi.h>
#include <fcgiapp.h>
#include <sys/epoll.h>
