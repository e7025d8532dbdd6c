/* ompt-places.c: constructs of an OpenMP program, by the addresses that the runtime tells
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A construct is called after the function it stands in and where it is in its file, which
 * `addr2line -e PROGRAM 0x11a3` turns into a line. Functions that are not exported, as nearly all
 * of a program, are not in what the dynamic linker knows: they are looked up in the file's own
 * table of symbols, once for each construct.
 */
#include "config.h"

#include "server/weft-ompt-private.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *places; /* lock: WeftOmptPlace as set, by kind and address */

/* ---- functions ------------------------------------------------------------------------------- */

/* A section's content; NULL if it is not in the file. */
static const char *
content (const char *bytes, size_t n_bytes, const ElfW (Shdr) * section)
{
  return section->sh_offset <= n_bytes && section->sh_size <= n_bytes - section->sh_offset
             ? bytes + section->sh_offset
             : NULL;
}

static char *
find_in_table (const char *bytes, size_t n_bytes, const ElfW (Shdr) * table,
               const ElfW (Shdr) * texts, uintptr_t at)
{
  const char *symbols = content (bytes, n_bytes, table), *names = content (bytes, n_bytes, texts);

  if (symbols == NULL || names == NULL)
    return NULL;
  for (size_t i = 0; i < table->sh_size / sizeof (ElfW (Sym)); i++)
    {
      ElfW (Sym) symbol;

      memcpy (&symbol, symbols + i * sizeof symbol, sizeof symbol);
      if ((symbol.st_info & 0xf) == STT_FUNC && at - symbol.st_value < symbol.st_size
          && symbol.st_name < texts->sh_size)
        return g_strndup (names + symbol.st_name, texts->sh_size - symbol.st_name);
    }
  return NULL;
}

static char *
find_in_file (const char *bytes, size_t n_bytes, uintptr_t at)
{
  ElfW (Ehdr) head;

  if (n_bytes < sizeof head || memcmp (bytes, ELFMAG, SELFMAG) != 0)
    return NULL;
  memcpy (&head, bytes, sizeof head);
  if (head.e_shentsize != sizeof (ElfW (Shdr)) || head.e_shoff > n_bytes
      || head.e_shnum > (n_bytes - head.e_shoff) / sizeof (ElfW (Shdr)))
    return NULL;
  for (unsigned i = 0; i < head.e_shnum; i++)
    {
      ElfW (Shdr) table, texts;

      memcpy (&table, bytes + head.e_shoff + i * sizeof table, sizeof table);
      if (table.sh_type != SHT_SYMTAB || table.sh_link >= head.e_shnum)
        continue;
      memcpy (&texts, bytes + head.e_shoff + table.sh_link * sizeof texts, sizeof texts);
      return find_in_table (bytes, n_bytes, &table, &texts, at);
    }
  return NULL;
}

/* (transfer full) (nullable) */
static char *
find_function (const char *path, uintptr_t at)
{
  GMappedFile *file = g_mapped_file_new (path, FALSE, NULL);
  char *name;

  if (file == NULL)
    return NULL;
  name = find_in_file (g_mapped_file_get_contents (file), g_mapped_file_get_length (file), at);
  g_mapped_file_unref (file);
  return name;
}

/* The compiler's own: what a construct became, not what it was written in. */
static bool
is_made (const char *function)
{
  return function[0] == '.' || strstr (function, ".omp_") != NULL
         || strstr (function, ".outlined") != NULL || strstr (function, "_omp_fn") != NULL;
}

/* ---- places ---------------------------------------------------------------------------------- */

static void
name_place (WeftOmptPlace *place, const WeftOmptPlace *within)
{
  static const char *const kinds[] = {
    [WEFT_OMPT_PARALLEL] = "parallel", [WEFT_OMPT_TASK] = "task",
    [WEFT_OMPT_LOOP] = "loop",         [WEFT_OMPT_SECTIONS] = "sections",
    [WEFT_OMPT_SINGLE] = "single",     [WEFT_OMPT_WORKSHARE] = "workshare",
    [WEFT_OMPT_DISTRIBUTE] = "teams",  [WEFT_OMPT_TASKLOOP] = "taskloop",
    [WEFT_OMPT_SCOPE] = "scope",
  };
  g_autofree char *function = NULL, *file = NULL;
  uintptr_t at = (uintptr_t) place->address;
  struct link_map *map = NULL;
  Dl_info info = { 0 };

  if (place->address != NULL
      && dladdr1 (place->address, &info, (void **) &map, RTLD_DL_LINKMAP) != 0 && map != NULL)
    {
      at -= map->l_addr;
      file = g_path_get_basename (info.dli_fname);
      function = find_function (map->l_name[0] != '\0' ? map->l_name : "/proc/self/exe", at - 1);
      if (function == NULL)
        function = g_strdup (info.dli_sname);
    }
  if (function == NULL || is_made (function))
    {
      g_free (function);
      function = g_strdup (within != NULL ? within->function : file != NULL ? file : "program");
    }
  place->function = g_utf8_make_valid (function, -1);
  place->name = g_strdup_printf ("%s %s@0x%zx", kinds[place->kind], place->function, (size_t) at);
}

static guint
place_hash (const void *data)
{
  const WeftOmptPlace *place = data;

  return g_direct_hash (place->address) * 16 + (guint) place->kind;
}

static gboolean
place_equal (const void *a, const void *b)
{
  const WeftOmptPlace *one = a, *other = b;

  return one->address == other->address && one->kind == other->kind;
}

const WeftOmptPlace *
_weft_ompt_place (WeftClient *client, WeftOmptKind kind, const void *address,
                  const WeftOmptPlace *within)
{
  WeftOmptPlace wanted = { .address = address, .kind = kind }, *place;

  pthread_mutex_lock (&lock);
  if (places == NULL)
    places = g_hash_table_new (place_hash, place_equal);
  place = g_hash_table_lookup (places, &wanted);
  if (place == NULL)
    {
      place = g_memdup2 (&wanted, sizeof wanted);
      name_place (place, within);
      place->group = weft_client_group (client, place->name);
      g_hash_table_add (places, place);
    }
  pthread_mutex_unlock (&lock);
  return place;
}
