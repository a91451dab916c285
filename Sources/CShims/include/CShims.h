#pragma once
#include "files.h"
#include "processes.h"
#include "processors.h"
#include "sha256.h"
