/* timeline-pair.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "timeline/timeline-pair.h"

#include <pthread.h>
#include <signal.h>

typedef enum
{
  PAIR_SLEEPS,
  PAIR_IS_ASKED,
  PAIR_WORKS,
  PAIR_ENDS,
} PairState;

struct _WeftlinePair
{
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  PairState state;       /* lock */
  WeftlinePairFunc func; /* lock */
  void *data;            /* lock */
};

static void
set_state (WeftlinePair *pair, PairState state)
{
  pair->state = state;
  pthread_cond_broadcast (&pair->changed);
}

static void *
thread_main (void *data)
{
  WeftlinePair *pair = data;

  pthread_mutex_lock (&pair->lock);
  while (pair->state != PAIR_ENDS)
    {
      if (pair->state != PAIR_IS_ASKED)
        {
          pthread_cond_wait (&pair->changed, &pair->lock);
          continue;
        }
      pair->state = PAIR_WORKS;
      pthread_mutex_unlock (&pair->lock);
      pair->func (pair->data, 1);
      pthread_mutex_lock (&pair->lock);
      set_state (pair, PAIR_SLEEPS);
    }
  pthread_mutex_unlock (&pair->lock);
  return NULL;
}

WeftlinePair *
_weftline_pair_new (void)
{
  WeftlinePair *pair = g_new0 (WeftlinePair, 1);
  sigset_t all, before;
  int code;

  pthread_mutex_init (&pair->lock, NULL);
  pthread_cond_init (&pair->changed, NULL);
  sigfillset (&all); /* the program's handlers run in threads of their own choice */
  pthread_sigmask (SIG_SETMASK, &all, &before);
  code = pthread_create (&pair->thread, NULL, thread_main, pair);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  if (code == 0)
    {
      pthread_setname_np (pair->thread, "weftline-lanes");
      return pair;
    }
  pthread_cond_destroy (&pair->changed);
  pthread_mutex_destroy (&pair->lock);
  g_free (pair);
  return NULL;
}

void
_weftline_pair_free (WeftlinePair *pair)
{
  if (pair == NULL)
    return;
  pthread_mutex_lock (&pair->lock);
  set_state (pair, PAIR_ENDS);
  pthread_mutex_unlock (&pair->lock);
  pthread_join (pair->thread, NULL);
  pthread_cond_destroy (&pair->changed);
  pthread_mutex_destroy (&pair->lock);
  g_free (pair);
}

void
_weftline_pair_run (WeftlinePair *pair, WeftlinePairFunc func, void *data)
{
  pthread_mutex_lock (&pair->lock);
  pair->func = func;
  pair->data = data;
  set_state (pair, PAIR_IS_ASKED);
  pthread_mutex_unlock (&pair->lock);
  func (data, 0);
  pthread_mutex_lock (&pair->lock);
  if (pair->state == PAIR_IS_ASKED)
    pair->state = PAIR_SLEEPS;
  while (pair->state != PAIR_SLEEPS)
    pthread_cond_wait (&pair->changed, &pair->lock);
  pthread_mutex_unlock (&pair->lock);
}
