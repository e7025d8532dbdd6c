/* weftline-timing.c: when frames are drawn, for measurements
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A frame clock ticks also when nothing is to be drawn; so a surface that is rendered is noted, and
 * the clock's next "after-paint" tells of it. Lines are for programs, and not translated.
 */
#include "config.h"

#include "app/weftline-timing.h"

#include <gtk/gtk.h>
#include <stdio.h>
#include <time.h>

static gboolean has_drawn;

static gboolean
render_cb (GSignalInvocationHint *hint G_GNUC_UNUSED, guint n_values G_GNUC_UNUSED,
           const GValue *values G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
  has_drawn = TRUE;
  return G_SOURCE_CONTINUE;
}

static gboolean
after_paint_cb (GSignalInvocationHint *hint G_GNUC_UNUSED, guint n_values G_GNUC_UNUSED,
                const GValue *values G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
  struct timespec cpu;

  if (!has_drawn)
    return G_SOURCE_CONTINUE;
  has_drawn = FALSE;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &cpu);
  fprintf (stderr, "weftline-gui: frame %.3f ms, CPU %.3f ms\n",
           (double) g_get_monotonic_time () / 1e3,
           (double) cpu.tv_sec * 1e3 + (double) cpu.tv_nsec / 1e6);
  return G_SOURCE_CONTINUE;
}

static void
add_hook (GType type, const char *signal, GSignalEmissionHook hook)
{
  g_type_class_unref (g_type_class_ref (type));
  g_signal_add_emission_hook (g_signal_lookup (signal, type), 0, hook, NULL, NULL);
}

void
weftline_timing_begin (void)
{
  if (g_strcmp0 (g_getenv ("WEFTLINE_TIMING"), "1") != 0)
    return;
  add_hook (GDK_TYPE_SURFACE, "render", render_cb);
  add_hook (GDK_TYPE_FRAME_CLOCK, "after-paint", after_paint_cb);
}
