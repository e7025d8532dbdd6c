/* test-objects.h: what tests of objects share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "test-support.h"

#include <glib-object.h>

/* Whether the object has been finalised. Its last reference may go on any thread. */
static inline gboolean
test_is_gone (GWeakRef *weak)
{
  g_autoptr (GObject) left = g_weak_ref_get (weak);

  return left == NULL;
}

/* Gives a reference back that is the last but for what a callback still has. */
static inline void
test_assert_finalised (void *object)
{
  GWeakRef weak;

  g_weak_ref_init (&weak, object);
  g_object_unref (object);
  test_loop_until (test_is_gone (&weak));
  g_weak_ref_clear (&weak);
}
