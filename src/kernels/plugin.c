/* plugin.c: operations from shared objects
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A plug-in is never unloaded. The dynamic linker gives the same handle for the same file, so a
 * second loading is seen by the handle.
 */
#include "config.h"

#include "kernels/weft-registry-private.h"

#include <dlfcn.h>
#include <string.h>

static bool fail_plugin (GError **error, const char *path, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static bool
fail_plugin (GError **error, const char *path, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  g_set_error (error, WEFT_OP_ERROR, WEFT_OP_ERROR_PLUGIN, "plug-in %s: %s", path, text);
  return false;
}

/* The linker's text mostly starts with the path itself. */
static const char *
dl_text (const char *path)
{
  const char *text = dlerror ();
  size_t n = strlen (path);

  if (text == NULL)
    return "it cannot be loaded";
  return strncmp (text, path, n) == 0 && text[n] == ':' ? text + n + 2 : text;
}

static bool
check_abi (void *handle, const char *path, GError **error)
{
  const uint32_t *version = dlsym (handle, WEFT_PLUGIN_ABI_SYMBOL);

  if (version == NULL || *version == WEFT_ABI_VERSION)
    return true;
  return fail_plugin (
      error, path, "found ABI version %u, expected %d; build it again with this Weftline's headers",
      *version, WEFT_ABI_VERSION);
}

/* Whether it has been loaded before; notes it otherwise. */
static bool
note_handle (WeftOpRegistry *registry, void *handle)
{
  bool known;

  pthread_mutex_lock (&registry->lock);
  known = g_ptr_array_find (registry->plugins, handle, NULL);
  if (!known)
    g_ptr_array_add (registry->plugins, handle);
  pthread_mutex_unlock (&registry->lock);
  return known;
}

static void
forget_handle (WeftOpRegistry *registry, void *handle)
{
  pthread_mutex_lock (&registry->lock);
  g_ptr_array_remove_fast (registry->plugins, handle);
  pthread_mutex_unlock (&registry->lock);
}

static bool
register_plugin (WeftOpRegistry *registry, void *handle, const char *path, GError **error)
{
  WeftPluginRegisterFunc func = (WeftPluginRegisterFunc) dlsym (handle, WEFT_PLUGIN_SYMBOL);
  GError *own = NULL;

  if (func == NULL)
    return fail_plugin (error, path, "it does not export the function " WEFT_PLUGIN_SYMBOL);
  if (!check_abi (handle, path, error))
    return false;
  if (note_handle (registry, handle) || func (registry, WEFT_ABI_VERSION, &own))
    {
      g_clear_error (&own);
      return true;
    }
  forget_handle (registry, handle);
  if (own == NULL)
    return fail_plugin (error, path, WEFT_PLUGIN_SYMBOL " failed without saying why");
  g_propagate_prefixed_error (error, own, "plug-in %s: ", path);
  return false;
}

bool
weft_op_registry_load (WeftOpRegistry *registry, const char *path, GError **error)
{
  g_autofree char *here = strchr (path, '/') == NULL ? g_strconcat ("./", path, NULL) : NULL;
  void *handle = dlopen (here != NULL ? here : path, RTLD_NOW | RTLD_LOCAL);

  if (handle == NULL)
    return fail_plugin (error, path, "%s", dl_text (here != NULL ? here : path));
  return register_plugin (registry, handle, path, error);
}
