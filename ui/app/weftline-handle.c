/* weftline-handle.c: the gap between two parts of a layout, to be dragged
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-handle.h"

#include <glib/gi18n.h>

#define KEY_STEP_PX 24

struct _WeftlineHandle
{
  GtkWidget parent_instance;

  gboolean beside;
};

enum
{
  MOVED,
  PRESSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WeftlineHandle, weftline_handle, GTK_TYPE_WIDGET)

static void
drag_begin_cb (GtkGestureDrag *gesture, double x G_GNUC_UNUSED, double y G_GNUC_UNUSED,
               WeftlineHandle *self)
{
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  g_signal_emit (self, signals[PRESSED], 0);
}

static void
drag_update_cb (GtkGestureDrag *gesture, double x, double y, WeftlineHandle *self)
{
  /* the handle moves along, so offsets are those since it last moved */
  g_signal_emit (self, signals[MOVED], 0, self->beside ? x : y, TRUE);
}

static gboolean
key_cb (GtkEventControllerKey *controller G_GNUC_UNUSED, guint key, guint code G_GNUC_UNUSED,
        GdkModifierType state G_GNUC_UNUSED, WeftlineHandle *self)
{
  double by = 0;

  if (key == (self->beside ? GDK_KEY_Right : GDK_KEY_Down))
    by = KEY_STEP_PX;
  else if (key == (self->beside ? GDK_KEY_Left : GDK_KEY_Up))
    by = -KEY_STEP_PX;
  else
    return GDK_EVENT_PROPAGATE;
  g_signal_emit (self, signals[MOVED], 0, by, FALSE);
  return GDK_EVENT_STOP;
}

static void
weftline_handle_class_init (WeftlineHandleClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_css_name (widget_class, "weftgap");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SEPARATOR);
  signals[MOVED] = g_signal_new ("moved", WEFTLINE_TYPE_HANDLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 2, G_TYPE_DOUBLE, G_TYPE_BOOLEAN);
  signals[PRESSED] = g_signal_new ("pressed", WEFTLINE_TYPE_HANDLE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_handle_init (WeftlineHandle *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
}

GtkWidget *
weftline_handle_new (gboolean beside)
{
  WeftlineHandle *self = g_object_new (WEFTLINE_TYPE_HANDLE, NULL);

  self->beside = beside;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), beside ? "col-resize" : "row-resize");
  gtk_widget_add_css_class (GTK_WIDGET (self), beside ? "beside" : "above");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Border between panes; arrow keys move it"),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 100.0, -1);
  return GTK_WIDGET (self);
}

void
weftline_handle_set_share (WeftlineHandle *self, double share)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, share,
                                  -1);
}
