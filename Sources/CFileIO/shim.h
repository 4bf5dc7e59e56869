// xxHash, and system calls of Linux that Swift's Glibc module does not declare.
#include <xxhash.h>

// rename(2) with flags; RENAME_EXCHANGE is 2 (linux/fs.h).
extern int renameat2(int olddirfd, const char *oldpath, int newdirfd, const char *newpath,
                     unsigned int flags);
static const unsigned int dougong_rename_exchange = 2;
// syncfs(2)
extern int syncfs(int descriptor);

// open(2) of a name alone (asm-generic/fcntl.h).
static const int dougong_o_path = 010000000;
