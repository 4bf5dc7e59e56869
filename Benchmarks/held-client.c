// Connections that all ask for the same thing and wait for it, round after round.
//
//     held-client HOST PORT COUNT PID
//
// A round is a line with the count of bytes of a request, and the request, on standard input; every connection sends it. Then
// standard output has a line `asked BEGIN END`, nanoseconds since 1970, and when all have their answer
//
//     answered T0 CPU0 T1 CPU1 T2 CPU2 ANSWERS
//
// with the CPU time of process PID, in nanoseconds, before the first request, before the first answer and behind the last;
// then, as int64 of this machine, when the first bytes of the answer to each connection arrived at its socket, as the kernel
// notes (SO_TIMESTAMPING); then the answers whose bodies or statuses differ: a line with the status and the counts of bytes of
// the head and of the whole, and the whole. Answers are read when something has come to all. Ends with 1 and a sentence where
// a connection fails.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/net_tstamp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  first_read = 4096,          // bytes; what is behind them may have arrived later
  most_answers = 16,          // that differ, in a round
  most_bytes = 64 << 20,      // of an answer, or a request
  sample_milliseconds = 2,    // between two looks at the CPU time while nothing comes
  look_milliseconds = 4,      // between two looks at how many have something
  longest_wait = 60,          // seconds for all answers
};

typedef struct {
  int socket;
  char *data;
  size_t count, capacity, head, whole;
} Connection;

typedef struct {
  int64_t time, cpu;
} Sample;

static clockid_t processor;

static void fail(const char *what) {
  fprintf(stderr, "held-client: %s\n", what);
  exit(1);
}

static int64_t nanoseconds(clockid_t clock) {
  struct timespec now;
  if (clock_gettime(clock, &now)) fail("the process whose CPU time is asked for is not there");
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static Sample sample(void) { return (Sample){nanoseconds(CLOCK_REALTIME), nanoseconds(processor)}; }

static int connected(const struct addrinfo *address) {
  int one = 1, stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  int s = socket(address->ai_family, SOCK_STREAM, 0);
  if (s < 0 || connect(s, address->ai_addr, address->ai_addrlen)) fail(strerror(errno));
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(s, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps);
  return s;
}

/// Takes what comes, at most `room` bytes.
/// - Returns: when the last of it arrived.
static int64_t take(Connection *c, size_t room) {
  if (c->capacity < c->count + room + 1) {
    c->capacity = c->count + room + 1;
    if (!(c->data = realloc(c->data, c->capacity))) fail("no memory");
  }
  char control[256];
  struct iovec part = {c->data + c->count, room};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t n = recvmsg(c->socket, &message, 0);
  if (n <= 0) fail(n ? strerror(errno) : "a connection was closed");
  c->data[c->count += n] = 0;
  for (struct cmsghdr *it = CMSG_FIRSTHDR(&message); it; it = CMSG_NXTHDR(&message, it))
    if (it->cmsg_level == SOL_SOCKET && it->cmsg_type == SO_TIMESTAMPING) {
      struct timespec stamp;
      memcpy(&stamp, CMSG_DATA(it), sizeof stamp);
      return stamp.tv_sec * 1000000000LL + stamp.tv_nsec;
    }
  return nanoseconds(CLOCK_REALTIME);
}

/// Whether the answer is whole; reads its head when that is.
static int is_whole(Connection *c) {
  if (!c->whole) {
    char *end = c->count ? strstr(c->data, "\r\n\r\n") : NULL;
    if (!end) return 0;
    char *length = strcasestr(c->data, "\r\ncontent-length:");
    if (!length || length > end) fail("an answer has no length");
    c->head = end + 4 - c->data;
    c->whole = c->head + strtoul(length + 17, NULL, 10);
    if (c->whole > most_bytes) fail("an answer is too long");
  }
  if (c->count > c->whole) fail("more came than was asked for");
  return c->count == c->whole;
}

static int is_same(const Connection *a, const Connection *b) {
  return a->whole - a->head == b->whole - b->head && !memcmp(a->data + 9, b->data + 9, 3) &&
         !memcmp(a->data + a->head, b->data + b->head, a->whole - a->head);
}

/// Sends the request from every connection.
static void ask(Connection *all, int count, const char *request, size_t length) {
  for (int i = 0; i < count; i++) {
    all[i].count = all[i].whole = 0;
    if (send(all[i].socket, request, length, MSG_NOSIGNAL) != (ssize_t)length) fail("a request was not taken");
  }
}

/// Waits until something has come to each. Nothing is read meanwhile, which would take the processor from who answers.
/// - Returns: the last two looks at the CPU time, the older one first, while nothing had come to any.
static void wait_for_all(int poll, struct epoll_event *events, int count, Sample quiet[2]) {
  int64_t begin = nanoseconds(CLOCK_REALTIME);
  quiet[0] = quiet[1] = sample();
  for (int n = 0; n < count;) {
    n = epoll_wait(poll, events, count, n ? 0 : sample_milliseconds);
    if (n < 0) fail(strerror(errno));
    if (!n) quiet[0] = quiet[1], quiet[1] = sample();
    if (n && n < count) usleep(1000 * look_milliseconds);
    if (nanoseconds(CLOCK_REALTIME) - begin > longest_wait * 1000000000LL) fail("not all were answered in time");
  }
}

/// Reads all of an answer, of which some has come.
/// - Returns: when that did.
static int64_t read_answer(Connection *c) {
  int64_t arrived = take(c, first_read);
  while (!is_whole(c)) take(c, c->whole ? c->whole - c->count : first_read);
  return arrived;
}

static void play_round(Connection *all, int count, int poll, struct epoll_event *events, const char *request, size_t length,
                       int64_t *arrived) {
  Sample start = sample(), quiet[2];
  ask(all, count, request, length);
  printf("asked %ld %ld\n", (long)start.time, (long)nanoseconds(CLOCK_REALTIME));
  fflush(stdout);
  wait_for_all(poll, events, count, quiet);
  Sample end = sample(), before = quiet[1];
  Connection *answers[most_answers];
  int different = 0;
  for (int i = 0; i < count; i++) {
    Connection *c = &all[i];
    arrived[i] = read_answer(c);
    if (arrived[i] < before.time) before = quiet[0];
    int known = 0;
    while (known < different && !is_same(answers[known], c)) known++;
    if (known == most_answers) fail("too many answers that differ");
    if (known == different) answers[different++] = c;
  }
  printf("answered %ld %ld %ld %ld %ld %ld %d\n", (long)start.time, (long)start.cpu, (long)before.time, (long)before.cpu,
         (long)end.time, (long)end.cpu, different);
  fwrite(arrived, sizeof *arrived, count, stdout);
  for (int i = 0; i < different; i++) {
    printf("%.3s %zu %zu\n", answers[i]->data + 9, answers[i]->head, answers[i]->whole);
    fwrite(answers[i]->data, 1, answers[i]->whole, stdout);
  }
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc != 5) fail("wanted: HOST PORT COUNT PID");
  struct addrinfo *address, hints = {.ai_socktype = SOCK_STREAM};
  if (getaddrinfo(argv[1], argv[2], &hints, &address)) fail("the host has no address");
  int count = atoi(argv[3]);
  if (clock_getcpuclockid(atoi(argv[4]), &processor)) fail("there is no such process");
  Connection *all = calloc(count, sizeof *all);
  int64_t *arrived = calloc(count, sizeof *arrived);
  struct epoll_event *events = calloc(count, sizeof *events);
  if (count < 1 || !all || !arrived || !events) fail("wanted: a count of connections");
  int poll = epoll_create1(0);
  for (int i = 0; i < count; i++) {
    all[i].socket = connected(address);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = i};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, all[i].socket, &event)) fail(strerror(errno));
  }
  printf("connected\n");
  fflush(stdout);
  size_t length;
  while (scanf("%zu", &length) == 1 && getchar() == '\n' && length <= most_bytes) {
    char *request = malloc(length);
    if (!request || fread(request, 1, length, stdin) != length) break;
    play_round(all, count, poll, events, request, length, arrived);
    free(request);
  }
}
