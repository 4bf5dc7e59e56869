// Shows ThreadSanitizer the lock of Swift's Synchronization library. That a Mutex is taken at once it sees, since that
// part is compiled into whoever uses it; who has to wait is put to sleep and woken inside the library, which is not
// instrumented, and all that the lock guards then looks like a race. Linked into each program of scripts/sanitize, these
// two stand before the library's own, call them, and say what they mean. Both take the lock in the register of `self`.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

void __tsan_acquire(void *);
void __tsan_release(void *);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *lock
// Synchronization._MutexHandle._lockSlow(UInt32), _unlockSlow()
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef SWIFT void (*lock_function)(uint32_t, SELF);
typedef SWIFT void (*unlock_function)(SELF);

SWIFT void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void lock_slow(uint32_t thread, SELF) {
  ((lock_function)dlsym(RTLD_NEXT, LOCK))(thread, lock);
  __tsan_acquire(lock);
}

SWIFT void unlock_slow(SELF) __asm__(UNLOCK);
SWIFT void unlock_slow(SELF) {
  __tsan_release(lock);
  ((unlock_function)dlsym(RTLD_NEXT, UNLOCK))(lock);
}
