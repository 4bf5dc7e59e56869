// What the kernel needs to hold requests and answer them all at once: as little else as can be.
//
//     held-floor THREADS
//
// Prints the port that it listens on, of 127.0.0.1. Each thread has a listening socket of its own, and an epoll of its
// connections. On standard input: `answer COUNT` and so many bytes, what is written to each; `held`, which prints how many
// wait; `release`, on which all who wait are answered. Ends with its input.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { most_threads = 64, most_connections = 1 << 20, events_at_once = 512 };

typedef struct {
  int poll, listener, wake;
  int *waiting;
  atomic_int count;
} Loop;

static Loop loops[most_threads];
static int loop_count;
static char *answer;
static size_t answer_length;
static atomic_int still_writing;  // loops

static void fail(const char *what) {
  fprintf(stderr, "held-floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void watch(Loop *loop, int descriptor) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
  if (epoll_ctl(loop->poll, EPOLL_CTL_ADD, descriptor, &event)) fail("epoll_ctl");
}

static void take_connections(Loop *loop) {
  int one = 1, s;
  while ((s = accept4(loop->listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    watch(loop, s);
  }
}

/// A request is whole when an empty line has come; it is short, and comes at once.
static void take_request(Loop *loop, int s) {
  char bytes[2048];
  ssize_t n = recv(s, bytes, sizeof bytes, 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) {
    close(s);
  } else if (n >= 4 && !memcmp(bytes + n - 4, "\r\n\r\n", 4) && loop->count < most_connections) {
    loop->waiting[loop->count++] = s;
  }
}

static void release(Loop *loop) {
  for (int i = 0, count = loop->count; i < count; i++) {
    size_t sent = 0;
    while (sent < answer_length) {
      ssize_t n = send(loop->waiting[i], answer + sent, answer_length - sent, MSG_NOSIGNAL);
      struct pollfd room = {.fd = loop->waiting[i], .events = POLLOUT};
      if (n >= 0) sent += n;
      else if (errno != EAGAIN || poll(&room, 1, 10000) < 1) break;
    }
  }
  loop->count = 0;
  still_writing--;
}

/// - Returns: whether there was one.
static int obey(void) {
  char line[64];
  int held = 0;
  if (!fgets(line, sizeof line, stdin)) return 0;
  if (!strcmp(line, "release\n")) {
    still_writing = loop_count;
    for (int i = 1; i < loop_count; i++) eventfd_write(loops[i].wake, 1);
    release(&loops[0]);
  } else if (!strcmp(line, "held\n")) {
    for (int i = 0; i < loop_count; i++) held += loops[i].count;
    printf("%d\n", held);
    fflush(stdout);
  } else if (!strncmp(line, "answer ", 7)) {
    // The last one may be about to have been written.
    while (still_writing) sched_yield();
    answer_length = strtoul(line + 7, NULL, 10);
    answer = realloc(answer, answer_length);
    if (!answer || fread(answer, 1, answer_length, stdin) != answer_length) return 0;
  }
  return 1;
}

static void *run(void *argument) {
  Loop *loop = argument;
  struct epoll_event events[events_at_once];
  while (1) {
    int n = epoll_wait(loop->poll, events, events_at_once, -1);
    for (int i = 0; i < n; i++) {
      int descriptor = events[i].data.fd;
      eventfd_t value;
      if (descriptor == STDIN_FILENO && !obey()) return NULL;
      else if (descriptor == STDIN_FILENO) continue;
      else if (descriptor == loop->listener) take_connections(loop);
      else if (descriptor == loop->wake) eventfd_read(loop->wake, &value), release(loop);
      else take_request(loop, descriptor);
    }
  }
}

int main(int argc, char **argv) {
  loop_count = argc == 2 ? atoi(argv[1]) : 0;
  errno = EINVAL;
  if (loop_count < 1 || loop_count > most_threads) fail("wanted: THREADS");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int one = 1;
  setvbuf(stdin, NULL, _IONBF, 0);
  for (int i = 0; i < loop_count; i++) {
    Loop *loop = &loops[i];
    loop->poll = epoll_create1(0);
    loop->wake = eventfd(0, EFD_NONBLOCK);
    loop->waiting = malloc(most_connections * sizeof *loop->waiting);
    loop->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(loop->listener, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    if (bind(loop->listener, (struct sockaddr *)&address, length) || listen(loop->listener, 4096)) fail("listen");
    getsockname(loop->listener, (struct sockaddr *)&address, &length);
    watch(loop, loop->listener);
    watch(loop, loop->wake);
  }
  watch(&loops[0], STDIN_FILENO);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  pthread_t thread;
  for (int i = 1; i < loop_count; i++)
    if ((errno = pthread_create(&thread, NULL, run, &loops[i]))) fail("pthread_create");
  run(&loops[0]);
}
