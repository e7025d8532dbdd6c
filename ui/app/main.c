/* main.c: `weftline-gui`, the window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-application.h"
#include "app/weftline-timing.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <locale.h>

#define EXIT_SYSTEM 3

/* A program that was built and not installed has its settings' schema beside it. */
static void
look_beside (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;
  g_autofree char *data = NULL, *schemas = NULL;

  if (folder == NULL || g_getenv ("GSETTINGS_SCHEMA_DIR") != NULL)
    return;
  data = g_build_filename (folder, "..", "data", NULL);
  schemas = g_build_filename (data, "gschemas.compiled", NULL);
  if (g_file_test (schemas, G_FILE_TEST_EXISTS))
    g_setenv ("GSETTINGS_SCHEMA_DIR", data, FALSE);
}

/* Asked first, as GSettings ends the program with a core dump when there is none. */
static gboolean
has_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema =
      source != NULL ? g_settings_schema_source_lookup (source, WEFTLINE_APPLICATION_ID, TRUE)
                     : NULL;

  return schema != NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (WeftlineApplication) application = NULL;
  int status;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, WEFTLINE_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (_ ("Weftline"));
  look_beside ();
  if (!has_settings ())
    {
      g_printerr (
          _ ("weftline-gui: the schema of the settings, %s, is not installed; install it with "
             "“meson install”, or name its folder in GSETTINGS_SCHEMA_DIR\n"),
          WEFTLINE_APPLICATION_ID);
      return EXIT_SYSTEM;
    }
  weftline_timing_begin ();
  application = weftline_application_new ();
  status = g_application_run (G_APPLICATION (application), argc, argv);
  return status != 0 ? status : weftline_application_status (application);
}
