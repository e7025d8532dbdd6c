/* weftline-timing.c: when frames are drawn, for measurements
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A frame clock ticks also when nothing is to be drawn; so a surface that is rendered is noted, and
 * the clock's next "after-paint" tells of it. Lines are for programs, and not translated.
 */
#include "config.h"

#include "app/weftline-timing.h"
#include "app/weftline-window.h"
#include "timeline/task-stream.h"

#include <stdint.h>
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

/* Tasks whose spans the task stream shows of the run that is shown; 0: it is not seen. */
static uint64_t
n_in_stream (WeftlineWindow *window)
{
  WeftlineRunPage *page = weftline_window_page (window);
  WeftlineCard *card =
      page != NULL ? weftline_dock_card (weftline_run_page_dock (page), "stream") : NULL;
  GtkWidget *stream = card != NULL ? weftline_card_child (card) : NULL;

  return stream != NULL && gtk_widget_get_mapped (stream)
             ? weftline_task_stream_n_drawn (WEFTLINE_TASK_STREAM (stream))
             : 0;
}

static uint64_t
n_in_streams (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();
  uint64_t n = 0;

  for (GList *window = windows; window != NULL; window = window->next)
    if (WEFTLINE_IS_WINDOW (window->data))
      n += n_in_stream (window->data);
  return n;
}

static gboolean
after_paint_cb (GSignalInvocationHint *hint G_GNUC_UNUSED, guint n_values G_GNUC_UNUSED,
                const GValue *values G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
  gint64 now_us = g_get_monotonic_time ();
  struct timespec cpu;

  if (!has_drawn)
    return G_SOURCE_CONTINUE;
  has_drawn = FALSE;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &cpu);
  fprintf (stderr, "weftline-gui: frame %.3f ms, CPU %.3f ms, tasks %ju\n", (double) now_us / 1e3,
           (double) cpu.tv_sec * 1e3 + (double) cpu.tv_nsec / 1e6, (uintmax_t) n_in_streams ());
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
