/* weftline-post.h: how what another thread tells finds its owner, or nobody
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What a thread tells is put into a letter, which the main loop opens. Letters know the post office
 * only: it forgets its owner when that goes, and what is on its way then is dropped.
 */
#pragma once

#include <glib.h>

typedef struct
{
  gatomicrefcount n_refs;
  void *owner; /* (nullable): main thread */
} WeftlinePost;

/* (transfer full) */
static inline WeftlinePost *
weftline_post_new (void *owner)
{
  WeftlinePost *post = g_new0 (WeftlinePost, 1);

  g_atomic_ref_count_init (&post->n_refs);
  post->owner = owner;
  return post;
}

/* Any thread. */
static inline WeftlinePost *
weftline_post_ref (WeftlinePost *post)
{
  g_atomic_ref_count_inc (&post->n_refs);
  return post;
}

/* Any thread. */
static inline void
weftline_post_unref (WeftlinePost *post)
{
  if (g_atomic_ref_count_dec (&post->n_refs))
    g_free (post);
}

/* Whose command was not carried out, when that is answered. */
typedef struct
{
  WeftlinePost *post;
  uint64_t id;
} WeftlinePostAsked;

/* (transfer full) */
static inline WeftlinePostAsked *
weftline_post_asked_new (WeftlinePost *post, uint64_t id)
{
  WeftlinePostAsked *asked = g_new (WeftlinePostAsked, 1);

  *asked = (WeftlinePostAsked){ weftline_post_ref (post), id };
  return asked;
}

static inline void
weftline_post_asked_free (WeftlinePostAsked *asked)
{
  weftline_post_unref (asked->post);
  g_free (asked);
}
