/* weft-futex-private.h: sleeping until a word changes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A sleep and its wake cost 40 to 50 µs one way on a virtual machine, so callers spin first. The
 * word is the whole protocol: a waker changes it before it wakes, a sleeper passes the value it
 * saw.
 */
#pragma once

#include "base/weft-base.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Sleeps while *word == seen, at most timeout_ns (< 0: for ever). Spurious returns happen. */
static inline void
_weft_futex_wait (_Atomic uint32_t *word, uint32_t seen, int64_t timeout_ns)
{
  struct timespec timeout = { .tv_sec = (time_t) (timeout_ns / 1000000000),
                              .tv_nsec = (long) (timeout_ns % 1000000000) };

  syscall (SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, timeout_ns < 0 ? NULL : &timeout, NULL, 0);
}

/* Wakes at most n sleepers on word. */
static inline void
_weft_futex_wake (_Atomic uint32_t *word, int n)
{
  syscall (SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
}

/* One turn of a spin loop. */
static inline void
_weft_cpu_relax (void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ volatile("yield" ::: "memory");
#endif
}
