/* wait.c: kernels that wait, or keep a core busy
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Waiting ends early when the task's cancel descriptor becomes readable. Where there is none (out
 * of descriptors), or the wait is so short that asking for one costs more, the flag is polled.
 *
 * Burning is measured in CPU time of the thread, so on a crowded machine a burn takes longer, as a
 * real computation would. Reading that clock costs some 700 ns, so the work goes in rounds whose
 * length was measured: once per thread (thread-local, 100 µs), and after that by every burn that is
 * long enough to be measured. Burns shorter than two clock readings rely on the rounds alone.
 */
#include "config.h"

#include "kernels/weft-wait-private.h"

#include "base/weft-clock.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <time.h>

#define SHORT_WAIT_NS 1000000
#define POLL_EACH_NS 10000000
#define PIECE_NS 500000 /* burnt between two looks at the clock and the cancel flag */
#define CALIBRATION_NS 100000
#define BLIND_NS 5000

/* ---- waiting --------------------------------------------------------------------------------- */

WeftStatus
_weft_given_up (WeftTask *task)
{
  if (!weft_task_is_cancelled (task) && weft_clock_mono_ns () < weft_task_deadline_ns (task))
    return WEFT_OK;
  return weft_clock_mono_ns () >= weft_task_deadline_ns (task) ? WEFT_TIMED_OUT : WEFT_CANCELLED;
}

static void
wait_once (WeftTask *task, int64_t left_ns)
{
  int fd = left_ns > SHORT_WAIT_NS ? weft_task_cancel_fd (task) : -1;
  struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
  int64_t ns = fd >= 0 ? left_ns : MIN (left_ns, POLL_EACH_NS);
  struct timespec timeout = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

  ppoll (&poll_fd, 1, &timeout, NULL);
}

WeftStatus
_weft_wait (WeftTask *task, int64_t ns)
{
  int64_t now = weft_clock_mono_ns ();
  int64_t end = ns > INT64_MAX - now ? INT64_MAX : now + ns;
  WeftStatus status = _weft_given_up (task);

  while (status == WEFT_OK && now < end)
    {
      wait_once (task, end - now);
      status = _weft_given_up (task);
      now = weft_clock_mono_ns ();
    }
  return status;
}

/* ---- burning --------------------------------------------------------------------------------- */

/* A round is a chain of multiplications: it cannot be shortened, and fits into registers. */
static void
burn_rounds (uint64_t n)
{
  uint64_t x = n | 1;

  for (uint64_t i = 0; i < n; i++)
    {
      x = x * 6364136223846793005u + 1442695040888963407u;
      __asm__ volatile("" : "+r"(x));
    }
}

static _Thread_local double rounds_per_ns; /* 0: not measured yet */

static void
calibrate (void)
{
  uint64_t n = 1 << 14;
  int64_t taken = 0;

  if (rounds_per_ns > 0)
    return;
  while (taken < CALIBRATION_NS / 2)
    {
      int64_t before = weft_clock_thread_cpu_ns ();

      n *= 2;
      burn_rounds (n);
      taken = weft_clock_thread_cpu_ns () - before;
    }
  rounds_per_ns = (double) n / (double) taken;
}

/* At most a piece; corrects the measure unless the clock's steps are too coarse for that. Returns:
 * CPU time it took */
static int64_t
burn_piece (int64_t ns)
{
  int64_t before = weft_clock_thread_cpu_ns ();
  uint64_t n = (uint64_t) ((double) ns * rounds_per_ns);
  int64_t taken;

  burn_rounds (n);
  taken = weft_clock_thread_cpu_ns () - before;
  if (ns >= CALIBRATION_NS && taken > ns / 4 && taken < ns * 4)
    rounds_per_ns = (double) n / (double) taken;
  return MAX (taken, 1);
}

WeftStatus
_weft_burn (WeftTask *task, int64_t ns)
{
  int64_t left = ns;
  WeftStatus status;

  calibrate ();
  if (ns < BLIND_NS)
    {
      burn_rounds ((uint64_t) ((double) MAX (ns, 0) * rounds_per_ns));
      return WEFT_OK;
    }
  status = _weft_given_up (task);
  while (status == WEFT_OK && left > BLIND_NS / 2)
    {
      left -= burn_piece (MIN (left, PIECE_NS));
      status = _weft_given_up (task);
    }
  return status;
}

bool
_weft_seconds_to_ns (double seconds, int64_t *ns)
{
  if (!(seconds >= 0) || seconds > 9e9)
    return false;
  *ns = (int64_t) llround (seconds * 1e9);
  return true;
}
