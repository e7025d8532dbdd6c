/* main.c: `weftline-gui`, the window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-application.h"
#include "app/weftline-tidy.h"
#include "app/weftline-timing.h"

#include "server/weft-server.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <locale.h>

#define EXIT_SYSTEM 3

/* A program that was built and not installed has what belongs to it beside it.
 * (transfer full) (nullable): NULL: it was installed */
static char *
built_folder (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *own = program != NULL ? g_path_get_dirname (program) : NULL;
  g_autofree char *folder = own != NULL ? g_path_get_dirname (own) : NULL;
  g_autofree char *schemas =
      folder != NULL ? g_build_filename (folder, "data", "gschemas.compiled", NULL) : NULL;

  return schemas != NULL && g_file_test (schemas, G_FILE_TEST_EXISTS) ? g_steal_pointer (&folder)
                                                                      : NULL;
}

static void
use_schemas (const char *built)
{
  g_autofree char *data = built != NULL ? g_build_filename (built, "data", NULL) : NULL;

  if (data != NULL)
    g_setenv ("GSETTINGS_SCHEMA_DIR", data, FALSE);
}

static void
use_translations (const char *built)
{
  g_autofree char *po = built != NULL ? g_build_filename (built, "po", NULL) : NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, po != NULL ? po : WEFTLINE_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
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
  g_autofree char *built = built_folder ();
  int status;

  weftline_tidy_init ();
  weft_server_raise_file_limit ();
  use_translations (built);
  g_set_application_name (_ ("Weftline"));
  use_schemas (built);
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
