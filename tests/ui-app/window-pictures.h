/* window-pictures.h: pictures of windows, left to be looked at
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "test-support.h"

#include "app/weftline-screenshot.h"

#include <adwaita.h>

/* NAME-light.png and NAME-dark.png in the folder that WEFT_PICTURES names. */
static inline void
leave_pictures (GtkWidget *window, const char *name)
{
  const char *folder = g_getenv ("WEFT_PICTURES");

  for (int dark = 0; folder != NULL && dark < 2; dark++)
    {
      g_autofree char *path =
          g_strdup_printf ("%s/%s-%s.png", folder, name, dark ? "dark" : "light");

      adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                          dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                               : ADW_COLOR_SCHEME_FORCE_LIGHT);
      test_loop_drain ();
      test_loop_until (weftline_screenshot (window, path, NULL));
    }
}
