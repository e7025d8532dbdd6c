/* test-system-style.c: tests that all that is drawn is light or dark as the system is
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The system's side is played here: a settings portal on the test's own bus, as desktops have one,
 * on a thread of its own, as it is asked by calls that wait.
 */
#include "view-fixture.h"

#include <string.h>

/* ---- the system ------------------------------------------------------------------------------ */

#define PORTAL_PATH "/org/freedesktop/portal/desktop"
#define PORTAL_SETTINGS "org.freedesktop.portal.Settings"
#define APPEARANCE "org.freedesktop.appearance"
#define SCHEME "color-scheme"

/* What it may be, by XDG's desktop portal. */
enum
{
  PREFERS_NOTHING,
  PREFERS_DARK,
  PREFERS_LIGHT,
};

static const char portal_xml[] = "<node><interface name='" PORTAL_SETTINGS "'>"
                                 "<method name='Read'><arg type='s' direction='in'/>"
                                 "<arg type='s' direction='in'/><arg type='v' direction='out'/>"
                                 "</method><signal name='SettingChanged'><arg type='s'/>"
                                 "<arg type='s'/><arg type='v'/></signal></interface></node>";

typedef struct
{
  GThread *thread;
  GMainLoop *loop;
  GDBusConnection *connection;
  int scheme;   /* atomic */
  int is_ready; /* atomic */
} Portal;

static void
call_cb (GDBusConnection *connection G_GNUC_UNUSED, const char *sender G_GNUC_UNUSED,
         const char *path G_GNUC_UNUSED, const char *interface G_GNUC_UNUSED,
         const char *method G_GNUC_UNUSED, GVariant *arguments, GDBusMethodInvocation *invocation,
         void *data)
{
  Portal *portal = data;
  const char *space, *key;

  g_variant_get (arguments, "(&s&s)", &space, &key);
  if (g_str_equal (space, APPEARANCE) && g_str_equal (key, SCHEME))
    g_dbus_method_invocation_return_value (
        invocation, g_variant_new ("(v)", g_variant_new_variant (g_variant_new_uint32 (
                                              (guint32) g_atomic_int_get (&portal->scheme)))));
  else
    g_dbus_method_invocation_return_dbus_error (invocation, "org.freedesktop.portal.Error.NotFound",
                                                "there is no such setting");
}

static void
named_cb (GDBusConnection *connection G_GNUC_UNUSED, const char *name G_GNUC_UNUSED, void *data)
{
  g_atomic_int_set (&((Portal *) data)->is_ready, TRUE);
}

static void *
portal_thread (void *data)
{
  static const GDBusInterfaceVTable calls = { .method_call = call_cb };
  Portal *portal = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (portal_xml, NULL);
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  guint name;

  g_main_context_push_thread_default (context);
  portal->loop = g_main_loop_new (context, FALSE);
  portal->connection =
      g_dbus_connection_new_for_address_sync (address,
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                  | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, NULL);
  g_dbus_connection_register_object (portal->connection, PORTAL_PATH, node->interfaces[0], &calls,
                                     portal, NULL, NULL);
  name = g_bus_own_name_on_connection (portal->connection, "org.freedesktop.portal.Desktop",
                                       G_BUS_NAME_OWNER_FLAGS_NONE, named_cb, NULL, portal, NULL);
  g_main_loop_run (portal->loop);
  g_bus_unown_name (name);
  g_object_unref (portal->connection);
  g_main_loop_unref (portal->loop);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
portal_begin (Portal *portal, int scheme)
{
  *portal = (Portal){ .scheme = scheme };
  portal->thread = g_thread_new ("portal", portal_thread, portal);
  test_loop_until (g_atomic_int_get (&portal->is_ready));
}

static void
portal_end (Portal *portal)
{
  g_main_loop_quit (portal->loop);
  g_thread_join (portal->thread);
}

/* Its user has another preference from now on. */
static void
portal_set (Portal *portal, int scheme)
{
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&portal->scheme, scheme);
  g_dbus_connection_emit_signal (
      portal->connection, NULL, PORTAL_PATH, PORTAL_SETTINGS, "SettingChanged",
      g_variant_new ("(ssv)", APPEARANCE, SCHEME, g_variant_new_uint32 ((guint32) scheme)), &error);
  g_assert_no_error (error);
}

/* ---- the views ------------------------------------------------------------------------------- */

/* The CSS names of all that is drawn by hand; how many of them each layout has, in a row. */
static const char *const views[] = { "taskstream", "taskgraph",     "progressview",
                                     "memoryview", "occupancyview", "scrubtrack",
                                     "heldview",   "whereview",     "resourceview" };
#define N_VIEWS G_N_ELEMENTS (views)

static const struct
{
  const char *tree;
  unsigned first, n;
} layouts[] = { { "h(40 v(50 stream graph) v(33 progress v(50 memory occupancy)))", 0, 6 },
                { "h(50 v(50 held where) resources)", 6, 3 } };

static Portal portal;

static gboolean
is_shown_view (GtkWidget *widget, const void *name)
{
  return g_str_equal (gtk_widget_get_css_name (widget), name) && gtk_widget_get_mapped (widget);
}

/* (nullable) */
static GtkWidget *
find_view (RunPage *p, unsigned view)
{
  return find_widget (p->window, is_shown_view, views[view]);
}

/* Of all views that are shown, as they are drawn now. */
static void
take_pictures (const TestDir *dir, RunPage *p, GBytes *pictures[N_VIEWS])
{
  for (unsigned i = 0; i < N_VIEWS; i++)
    {
      GtkWidget *view = find_view (p, i);

      g_clear_pointer (&pictures[i], g_bytes_unref);
      if (view != NULL)
        pictures[i] = widget_picture (dir, view);
    }
}

static void
clear_pictures (GBytes *pictures[N_VIEWS])
{
  for (unsigned i = 0; i < N_VIEWS; i++)
    g_clear_pointer (&pictures[i], g_bytes_unref);
}

/* Whether each is as it was, or (@same: false) each is another. */
static gboolean
compare (const TestDir *dir, RunPage *p, GBytes *const before[N_VIEWS], bool same)
{
  GBytes *now[N_VIEWS] = { NULL };
  gboolean all = TRUE;

  take_pictures (dir, p, now);
  for (unsigned i = 0; i < N_VIEWS; i++)
    if (before[i] != NULL)
      all &= now[i] != NULL && g_bytes_equal (now[i], before[i]) == same;
  clear_pictures (now);
  return all;
}

static void
painted_cb (unsigned *n)
{
  ++*n;
}

/* What was asked to be drawn anew is. */
static void
wait_for_frames (RunPage *p)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (p->window);
  unsigned n = 0;
  gulong id = g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (painted_cb), &n);

  for (unsigned i = 1; i <= 3; i++)
    {
      gtk_widget_queue_draw (p->window);
      test_loop_until (n >= i);
    }
  g_signal_handler_disconnect (clock, id);
}

/* The system's preference has come, and all is drawn as it says. */
static void
prefer (RunPage *p, int scheme)
{
  portal_set (&portal, scheme);
  test_loop_until (adw_style_manager_get_dark (adw_style_manager_get_default ())
                   == (scheme == PREFERS_DARK));
  wait_for_frames (p);
}

typedef struct
{
  const unsigned char *bytes;
  gsize n;
} Reading;

static cairo_status_t
read_cb (void *data, unsigned char *to, unsigned n)
{
  Reading *reading = data;

  if (n > reading->n)
    return CAIRO_STATUS_READ_ERROR;
  memcpy (to, reading->bytes, n);
  reading->bytes += n;
  reading->n -= n;
  return CAIRO_STATUS_SUCCESS;
}

/* From 0, black, to 255; of what is not clear. */
static double
mean_lightness (GBytes *png)
{
  Reading reading;
  cairo_surface_t *picture;
  uint64_t sum = 0, n = 0;

  reading.bytes = g_bytes_get_data (png, &reading.n);
  picture = cairo_image_surface_create_from_png_stream (read_cb, &reading);
  g_assert_cmpint (cairo_surface_status (picture), ==, CAIRO_STATUS_SUCCESS);
  for (int y = 0; y < cairo_image_surface_get_height (picture); y++)
    {
      const uint8_t *row = cairo_image_surface_get_data (picture)
                           + (ptrdiff_t) y * cairo_image_surface_get_stride (picture);

      for (int x = 0; x < cairo_image_surface_get_width (picture); x++)
        if (row[4 * x + 3] == 255
            || cairo_image_surface_get_format (picture) != CAIRO_FORMAT_ARGB32)
          {
            sum += row[4 * x] + row[4 * x + 1] + row[4 * x + 2];
            n += 3;
          }
    }
  cairo_surface_destroy (picture);
  return n > 0 ? (double) sum / (double) n : 0;
}

static gboolean
shows_layout (RunPage *p, unsigned layout)
{
  for (unsigned i = 0; i < layouts[layout].n; i++)
    if (find_view (p, layouts[layout].first + i) == NULL)
      return FALSE;
  return TRUE;
}

/* Light, dark, and light again as before: some views take in what has come only after a pause, and
 * are another picture then, so once more where that was so. */
static void
go_dark_and_back (const TestDir *dir, RunPage *p, GBytes *light[N_VIEWS], GBytes *dark[N_VIEWS])
{
  unsigned n_times = 0;

  do
    {
      g_assert_cmpuint (n_times++, <, 50);
      take_pictures (dir, p, light);
      prefer (p, PREFERS_DARK);
      g_assert_true (compare (dir, p, light, false));
      take_pictures (dir, p, dark);
      prefer (p, PREFERS_LIGHT);
    }
  while (!compare (dir, p, light, true));
}

static void
check_layout (const TestDir *dir, RunPage *p)
{
  GBytes *light[N_VIEWS] = { NULL }, *dark[N_VIEWS] = { NULL };

  go_dark_and_back (dir, p, light, dark);
  for (unsigned i = 0; i < N_VIEWS; i++)
    if (light[i] != NULL)
      {
        double is_light = mean_lightness (light[i]), is_dark = mean_lightness (dark[i]);

        g_test_message ("%s: %.0f light, %.0f dark", views[i], is_light, is_dark);
        g_assert_cmpfloat (is_dark, <, is_light - 30);
      }
  prefer (p, PREFERS_DARK);
  g_assert_true (compare (dir, p, dark, true));
  prefer (p, PREFERS_NOTHING);
  g_assert_true (compare (dir, p, light, true));
  clear_pictures (light);
  clear_pictures (dark);
}

/* While the window is open, and back. */
static void
test_follows (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autoptr (GSettings) settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_examples_make ("fork-join", 1, 0.02, &error);

  g_assert_no_error (error);
  g_settings_set_strv (settings, "hidden-panes", NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      WeftlineRun *run = weftline_run_embedded_new (plan, NULL);
      RunPage p;

      g_settings_set_string (settings, "layout-status", layouts[i].tree);
      run_page_open (&p, run);
      run_to_the_end (run);
      session_to_the_end (p.session);
      test_loop_until (shows_layout (&p, i));
      check_layout (dir, &p);
      run_page_close (&p, run);
    }
  g_settings_reset (settings, "layout-status");
  g_settings_reset (settings, "hidden-panes");
}

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  portal_begin (&portal, PREFERS_LIGHT);
  adw_init ();
  test_add ("ui-app", "system-style", "follows", test_follows);
  status = g_test_run ();
  portal_end (&portal);
  return status;
}
