/* bench-pair.c: what a second busy processor costs the first
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A host may run two processors of a guest on the two threads of one core, and move them apart
 * again a second later; then two busy processors each go at two thirds of the speed. Nothing in the
 * guest tells, but a figure that needs two processors means little without knowing.
 */
#include "config.h"

#include "cli/weft-cli-bench-private.h"

#include <pthread.h>

#define TURN_NS 4000000
#define N_TURNS 3 /* of each kind, taking turns */
#define STEPS 1000

typedef struct
{
  _Atomic bool works, ends;
  uint64_t sum;
} Other;

/* Additions that keep a core's units busy. */
static uint64_t
step (uint64_t seed)
{
  uint64_t a = seed, b = 1, c = 2, d = 3;

  for (uint64_t i = 0; i < STEPS; i++)
    {
      a += b ^ i;
      b += c ^ i;
      c += d ^ i;
      d += a ^ i;
    }
  return a ^ b ^ c ^ d;
}

static void *
other_main (void *data)
{
  Other *other = data;
  const struct timespec rest = { 0, 20000 };

  while (!atomic_load_explicit (&other->ends, memory_order_relaxed))
    if (atomic_load_explicit (&other->works, memory_order_relaxed))
      other->sum += step (other->sum);
    else
      nanosleep (&rest, NULL);
  return NULL;
}

/* Steps a nanosecond in one turn, its first eighth left out: the other one has to begin or end. */
static double
turn (Other *other, bool works, uint64_t *sum)
{
  int64_t now_ns, start_ns = weft_clock_mono_ns () + TURN_NS / 8, end_ns = start_ns + TURN_NS;
  uint32_t n = 0;

  atomic_store_explicit (&other->works, works, memory_order_relaxed);
  while ((now_ns = weft_clock_mono_ns ()) < end_ns)
    {
      *sum += step (*sum);
      n += now_ns >= start_ns;
    }
  return (double) n / (double) (now_ns - start_ns);
}

double
_weft_cli_bench_pair (void)
{
  Other other = { 0 };
  double alone = 0, beside = 0;
  uint64_t sum = 0;
  pthread_t thread;

  if (pthread_create (&thread, NULL, other_main, &other) != 0)
    return 0;
  for (int i = 0; i < N_TURNS; i++)
    {
      alone += turn (&other, false, &sum);
      beside += turn (&other, true, &sum);
    }
  atomic_store_explicit (&other.ends, true, memory_order_relaxed);
  pthread_join (thread, NULL);
  return sum + other.sum != 1 ? beside / alone : 0; /* the sums are used: so the loops stay */
}
