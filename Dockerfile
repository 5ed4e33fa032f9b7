# One image for every process of Certfolio; the command decides which: apps/{gateway,subgraphs,emulator,standalone}/main.mjs.
FROM node:24-slim AS packages
WORKDIR /app
COPY . .
# All of them first: `npm ci` ends with building the console, which takes packages for development.
RUN npm ci --no-audit --no-fund && npm prune --omit=dev --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=64 \
    HOST=0.0.0.0 \
    CERTFOLIO_DATA_DIR=/data
WORKDIR /app
COPY --from=packages --chown=root:root /app /app
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 4000
# Not allowed in NODE_OPTIONS: without it a start leaves hundreds of megabytes that nobody collects.
CMD ["node", "--initial-old-space-size=64", "apps/gateway/main.mjs"]
