/* timer.c: things that happen at a moment: retries, deadlines
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One thread per engine, made with the first timer, sleeping until the earliest moment of a heap.
 * Callbacks run on it without its lock; they must be quick. Each is called exactly once, unless it
 * was removed: early, if its owner or the engine goes.
 */
#include "config.h"

#include "sched/weft-timer-private.h"

#include "sched/weft-sched-private.h"

#include <errno.h>
#include <stdlib.h>

typedef struct
{
  int64_t at_ns; /* CLOCK_MONOTONIC */
  uint64_t id;
  WeftTimerFunc func;
  void *data;
  const void *owner; /* (nullable): whose it is */
} Timer;

struct _WeftTimers
{
  pthread_mutex_t lock;
  pthread_cond_t changed;
  pthread_t thread;
  bool running;  /* lock */
  bool stopping; /* lock */
  GArray *heap;  /* lock: Timer, earliest first */
  uint64_t next_id;
};

void
_weft_engine_open_timers (WeftEngine *engine)
{
  struct _WeftTimers *timers = g_new0 (struct _WeftTimers, 1);
  pthread_condattr_t attributes;

  pthread_mutex_init (&timers->lock, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&timers->changed, &attributes);
  pthread_condattr_destroy (&attributes);
  timers->heap = g_array_new (FALSE, FALSE, sizeof (Timer));
  engine->timers = timers;
}

/* lock held */
static void
swap (GArray *heap, guint a, guint b)
{
  Timer timer = g_array_index (heap, Timer, a);

  g_array_index (heap, Timer, a) = g_array_index (heap, Timer, b);
  g_array_index (heap, Timer, b) = timer;
}

static bool
earlier (GArray *heap, guint a, guint b)
{
  return g_array_index (heap, Timer, a).at_ns < g_array_index (heap, Timer, b).at_ns;
}

static void
sift (GArray *heap, guint i)
{
  while (i > 0 && earlier (heap, i, (i - 1) / 2))
    {
      swap (heap, i, (i - 1) / 2);
      i = (i - 1) / 2;
    }
  for (;;)
    {
      guint least = i;

      for (guint child = 2 * i + 1; child <= 2 * i + 2 && child < heap->len; child++)
        if (earlier (heap, child, least))
          least = child;
      if (least == i)
        return;
      swap (heap, i, least);
      i = least;
    }
}

static void
remove_at (GArray *heap, guint i)
{
  swap (heap, i, heap->len - 1);
  g_array_set_size (heap, heap->len - 1);
  if (i < heap->len)
    sift (heap, i);
}

/* lock held, but not during the call */
static void
call_now (struct _WeftTimers *timers, guint i)
{
  Timer timer = g_array_index (timers->heap, Timer, i);

  remove_at (timers->heap, i);
  pthread_mutex_unlock (&timers->lock);
  timer.func (timer.data);
  pthread_mutex_lock (&timers->lock);
}

static void
sleep_till (struct _WeftTimers *timers, int64_t at_ns)
{
  struct timespec until = { at_ns / 1000000000, at_ns % 1000000000 };

  pthread_cond_timedwait (&timers->changed, &timers->lock, &until);
}

static void *
timer_main (void *data)
{
  struct _WeftTimers *timers = data;

  pthread_setname_np (pthread_self (), "weft-timer");
  pthread_mutex_lock (&timers->lock);
  while (!timers->stopping)
    {
      if (timers->heap->len == 0)
        {
          pthread_cond_wait (&timers->changed, &timers->lock);
          continue;
        }
      int64_t at_ns = g_array_index (timers->heap, Timer, 0).at_ns;
      if (at_ns > weft_clock_mono_ns ())
        sleep_till (timers, at_ns);
      else
        call_now (timers, 0);
    }
  pthread_mutex_unlock (&timers->lock);
  return NULL;
}

uint64_t
_weft_timer_add (WeftEngine *engine, int64_t at_mono_ns, WeftTimerFunc func, void *data,
                 const void *owner)
{
  struct _WeftTimers *timers = engine->timers;
  Timer timer = { at_mono_ns, 0, func, data, owner };

  pthread_mutex_lock (&timers->lock);
  timer.id = ++timers->next_id;
  g_array_append_val (timers->heap, timer);
  sift (timers->heap, timers->heap->len - 1);
  if (!timers->running && !engine->manual)
    timers->running = pthread_create (&timers->thread, NULL, timer_main, timers) == 0;
  pthread_cond_signal (&timers->changed);
  pthread_mutex_unlock (&timers->lock);
  return timer.id;
}

/* Manual engines: calls what is due by the injected clock. Returns whether anything was. */
bool
_weft_timers_run_due (WeftEngine *engine)
{
  struct _WeftTimers *timers = engine->timers;
  int64_t now_ns = _weft_engine_now_ns (engine);
  bool any = false;

  pthread_mutex_lock (&timers->lock);
  while (timers->heap->len > 0 && g_array_index (timers->heap, Timer, 0).at_ns <= now_ns)
    {
      call_now (timers, 0);
      any = true;
    }
  pthread_mutex_unlock (&timers->lock);
  return any;
}

bool
_weft_timer_remove (WeftEngine *engine, uint64_t id)
{
  struct _WeftTimers *timers = engine->timers;
  bool found = false;

  pthread_mutex_lock (&timers->lock);
  for (guint i = 0; i < timers->heap->len && !found; i++)
    if (g_array_index (timers->heap, Timer, i).id == id)
      {
        remove_at (timers->heap, i);
        found = true;
      }
  pthread_mutex_unlock (&timers->lock);
  return found;
}

void
_weft_timers_flush (WeftEngine *engine, const void *owner)
{
  struct _WeftTimers *timers = engine->timers;
  guint i = 0;

  pthread_mutex_lock (&timers->lock);
  while (i < timers->heap->len)
    if (owner != NULL && g_array_index (timers->heap, Timer, i).owner != owner)
      i++;
    else
      {
        call_now (timers, i);
        i = 0;
      }
  pthread_mutex_unlock (&timers->lock);
}

void
_weft_engine_close_timers (WeftEngine *engine)
{
  struct _WeftTimers *timers = engine->timers;

  pthread_mutex_lock (&timers->lock);
  timers->stopping = true;
  pthread_cond_signal (&timers->changed);
  pthread_mutex_unlock (&timers->lock);
  if (timers->running)
    pthread_join (timers->thread, NULL);
  _weft_timers_flush (engine, NULL);
  g_array_unref (timers->heap);
  pthread_cond_destroy (&timers->changed);
  pthread_mutex_destroy (&timers->lock);
  g_free (timers);
  engine->timers = NULL;
}
