package wiring

// usersObjects stand beside 3scale in a build; usersPatches change lists of
// theirs that merge by a key, so that a lost schema shows.
const usersObjects = `apiVersion: apps/v1
kind: Deployment
metadata: {name: own}
spec:
  selector: {matchLabels: {app: own}}
  template:
    metadata: {labels: {app: own}}
    spec:
      initContainers:
      - {name: init, image: init:1, env: [{name: A, value: a}]}
      containers:
      - name: main
        image: main:1
        env: [{name: A, value: a}, {name: B, value: b}]
        ports: [{containerPort: 8080, protocol: TCP, name: http}, {containerPort: 8080, protocol: UDP, name: quic}]
        volumeMounts: [{name: data, mountPath: /data}, {name: conf, mountPath: /conf}]
      - {name: side, image: side:1}
      volumes: [{name: data, emptyDir: {}}, {name: conf, configMap: {name: own}}]
      topologySpreadConstraints:
      - {topologyKey: zone, whenUnsatisfiable: DoNotSchedule, maxSkew: 1}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: own}
spec:
  serviceName: own
  selector: {matchLabels: {app: own}}
  template:
    metadata: {labels: {app: own}}
    spec:
      containers:
      - name: main
        image: main:1
        ports: [{containerPort: 6379, protocol: TCP}, {containerPort: 6379, protocol: UDP}, {containerPort: 26379}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: own}
spec:
  selector: {matchLabels: {app: own}}
  template:
    metadata: {labels: {app: own}}
    spec:
      hostAliases: [{ip: 10.0.0.1, hostnames: [a]}]
      containers:
      - {name: main, image: main:1}
---
apiVersion: v1
kind: Service
metadata: {name: own}
spec:
  ports: [{port: 80, protocol: TCP, name: http}, {port: 443, protocol: TCP, name: https}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: own}
imagePullSecrets: [{name: one}]
secrets: [{name: one}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: own}
spec:
  schedule: "0 0 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          containers:
          - {name: main, image: main:1, env: [{name: A, value: a}]}
`

const usersPatches = `apiVersion: apps/v1
kind: Deployment
metadata: {name: own}
spec:
  template:
    spec:
      initContainers:
      - {name: init, env: [{name: C, value: c}]}
      containers:
      - name: main
        env: [{name: B, value: patched}, {name: C, value: c}]
        ports: [{containerPort: 8080, protocol: UDP, name: patched}]
        volumeMounts: [{name: more, mountPath: /more}]
      volumes: [{name: more, emptyDir: {}}]
      topologySpreadConstraints:
      - {topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, maxSkew: 2}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: own}
spec:
  template:
    spec:
      containers:
      - name: main
        ports: [{containerPort: 26379, name: sentinel}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: own}
spec:
  template:
    spec:
      hostAliases: [{ip: 10.0.0.2, hostnames: [b]}]
      containers:
      - {name: main, env: [{name: A, value: a}]}
---
apiVersion: v1
kind: Service
metadata: {name: own}
spec:
  ports: [{port: 443, protocol: TCP, name: patched}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: own}
imagePullSecrets: [{name: two}]
secrets: [{name: two}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: own}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
          - {name: main, env: [{name: B, value: b}]}
`
