#pragma once
#include "files.h"
#include "pkcs8.h"
#include "processes.h"
#include "processors.h"
#include "sha256.h"
#include "sharing.h"
#include "timestamps.h"
