// Shows the thread sanitizer how threads wait for a Mutex of Swift's Synchronization library. To be preloaded.
//
// A Mutex that is free is taken with an atomic instruction in the caller's code, which the sanitizer sees. If it is
// held, the library asks the kernel (futex) in code that is not instrumented: the sanitizer then sees two threads
// change the guarded value without any order, and reports a race that does not exist. Both functions below replace
// those of the library, call them, and state the order.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *mutex
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// Functions of the sanitizer. Programs that the tests start inherit the preloading, but not the sanitizer.
void __tsan_acquire(void *) __attribute__((weak));
void __tsan_release(void *) __attribute__((weak));

SWIFT void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void unlock_slow(SELF) __asm__(UNLOCK);

typedef SWIFT void (*Lock)(uint32_t thread, SELF);
typedef SWIFT void (*Unlock)(SELF);

static Lock library_lock;
static Unlock library_unlock;

__attribute__((constructor)) static void find_functions(void) {
  library_lock = (Lock)dlsym(RTLD_NEXT, LOCK);
  library_unlock = (Unlock)dlsym(RTLD_NEXT, UNLOCK);
}

SWIFT void lock_slow(uint32_t thread, SELF) {
  library_lock(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT void unlock_slow(SELF) {
  if (__tsan_release) __tsan_release(mutex);
  library_unlock(mutex);
}
