#!/usr/bin/env bash
# Says at once and plainly what this machine lacks, and how to get it. Installs nothing.
set -u
args="$*"
missing=0
lacks() {
  missing=1
  printf 'missing: %-22s %s\n' "$1" "$2"
}
have() { command -v "$1" >/dev/null 2>&1; }

have cargo || lacks "Rust 1.90 or newer" "install rustup from rustup.rs, then: rustup toolchain install stable"
have cc || lacks "a C compiler" "Debian: apt-get install build-essential"
have make || lacks "make" "Debian: apt-get install make"
have mvn || lacks "Maven 3.8 or newer" "Debian: apt-get install maven"
have npm || lacks "npm 10 or newer" "Debian: apt-get install npm"
if have java; then
  major=$(java -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')
  [ "${major:-0}" -ge 17 ] || lacks "Java 17 or newer" "found ${major:-none}; Debian: apt-get install openjdk-17-jre-headless"
else
  lacks "Java 17 or newer" "Debian: apt-get install openjdk-17-jre-headless"
fi
asked() { case " $args " in *" $1 "*) true ;; *) false ;; esac; }
if asked --with-javac; then
  have javac || lacks "a Java compiler, 17 or newer" "Debian: apt-get install openjdk-17-jdk-headless"
fi
if asked --with-python; then
  have python3 || lacks "Python 3.10 or newer" "Debian: apt-get install python3 python3-venv"
fi
if [ "$missing" -ne 0 ]; then
  echo "Install the above and run the same command again."
  exit 78
fi
