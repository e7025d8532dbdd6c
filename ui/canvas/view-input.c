/* view-input.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/view-input.h"

#include <stdbool.h>

typedef struct
{
  const char *signal;
  GCallback callback;
} Heard;

/* Unless nothing of it is heard. @controller: (transfer full); @heard: ends with no signal */
static void
add (GtkWidget *view, void *controller, const Heard *heard)
{
  bool hears = false;

  for (; heard->signal != NULL; heard++)
    {
      if (heard->callback == NULL)
        continue;
      hears = true;
      g_signal_connect_swapped (controller, heard->signal, heard->callback, view);
    }
  if (hears)
    gtk_widget_add_controller (view, GTK_EVENT_CONTROLLER (controller));
  else
    g_object_unref (controller);
}

void
weftline_view_add_input (GtkWidget *view, const WeftlineViewInput *input)
{
  const Heard motion[] = { { "motion", input->motion }, { "leave", input->leave }, { NULL, NULL } };
  const Heard key[] = { { "key-pressed", input->key }, { NULL, NULL } };
  const Heard scroll[] = { { "scroll", input->scroll }, { NULL, NULL } };
  const Heard drag[] = { { "drag-begin", input->drag_begin },
                         { "drag-update", input->drag_update },
                         { "drag-end", input->drag_end },
                         { NULL, NULL } };
  const Heard click[] = { { "released", input->click }, { NULL, NULL } };

  add (view, gtk_event_controller_motion_new (), motion);
  add (view, gtk_event_controller_key_new (), key);
  add (view, gtk_event_controller_scroll_new (input->scrolls), scroll);
  add (view, gtk_gesture_drag_new (), drag);
  add (view, gtk_gesture_click_new (), click);
}
