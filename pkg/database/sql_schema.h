/* sql_schema.h - the tables of the document store in SQL. Private to pkg/database. */
#ifndef PKG_DATABASE_SQL_SCHEMA_H
#define PKG_DATABASE_SQL_SCHEMA_H

#include "pkg/sql/sql.h"

extern const struct sql_schema documents_schema;

#endif
