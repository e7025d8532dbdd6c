/* weftline-application.h: the program: one instance, its windows, its settings
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define WEFTLINE_APPLICATION_ID "org.weftline.Weftline"

#define WEFTLINE_TYPE_APPLICATION (weftline_application_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineApplication, weftline_application, WEFTLINE, APPLICATION,
                      AdwApplication)

WeftlineApplication *weftline_application_new (void);
/* What the program is to end with: 3 if a picture could not be written. */
int weftline_application_status (WeftlineApplication *self);

G_END_DECLS
